package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** How many replies came in each slice of a run. Thread-safe. */
final class Pulse {
  private static final int SLICES = 50;

  /** So long that chance alone does not make the figures of two slices look different. */
  private static final Duration SHORTEST = Duration.ofMillis(150);

  private final Duration slice;
  private final AtomicIntegerArray replies;

  private Pulse(Duration slice, int slices) {
    this.slice = slice;
    replies = new AtomicIntegerArray(slices);
  }

  /** Returns one with room for a run of its longest. */
  static Pulse of(Options options) {
    Duration even = options.run().dividedBy(SLICES);
    Duration slice = even.compareTo(SHORTEST) < 0 ? SHORTEST : even;
    long slices = options.run().plus(options.overtime()).dividedBy(slice);
    return new Pulse(slice, Math.toIntExact(slices));
  }

  Duration slice() {
    return slice;
  }

  /** Counts a reply; one that comes when the last slice is over is left out. */
  void served(long elapsedNanos) {
    long number = elapsedNanos / slice.toNanos();
    if (number < replies.length()) {
      replies.getAndIncrement((int) number);
    }
  }

  /** Returns the replies per second in each slice that was over then. */
  List<Long> repliesPerSecond(Duration elapsed) {
    int over = (int) Math.min(replies.length(), elapsed.dividedBy(slice));
    return IntStream.range(0, over)
        .mapToObj(number -> Math.round(replies.get(number) * 1e9 / slice.toNanos()))
        .toList();
  }
}
