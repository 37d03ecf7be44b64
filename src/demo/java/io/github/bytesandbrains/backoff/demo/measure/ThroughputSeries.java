package io.github.bytesandbrains.backoff.demo.measure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** The number of replies, or of something else, in each slice of a run. Thread-safe. */
public final class ThroughputSeries {
  private static final int SLICES = 50;

  /** Long enough that chance does not dominate the difference between two slices. */
  private static final Duration SHORTEST = Duration.ofMillis(150);

  private final Duration slice;
  private final AtomicIntegerArray counts;

  /** Slices a planned run; there is room for the longest that it may take. */
  public ThroughputSeries(Duration planned, Duration longest) {
    slice = slice(planned);
    counts = new AtomicIntegerArray(Math.toIntExact(longest.dividedBy(slice)));
  }

  /** Returns the length of a slice of a run. */
  public static Duration slice(Duration planned) {
    Duration even = planned.dividedBy(SLICES);
    return even.compareTo(SHORTEST) < 0 ? SHORTEST : even;
  }

  /** Counts one; one after the last slice is ignored. */
  public void count(long elapsedNanos) {
    long index = elapsedNanos / slice.toNanos();
    if (index < counts.length()) {
      counts.getAndIncrement((int) index);
    }
  }

  /** Returns how many there were per second in each slice that has ended. */
  public List<Long> perSecond(Duration elapsed) {
    int ended = (int) Math.min(counts.length(), elapsed.dividedBy(slice));
    return IntStream.range(0, ended)
        .mapToObj(index -> Math.round(counts.get(index) * 1e9 / slice.toNanos()))
        .toList();
  }
}
