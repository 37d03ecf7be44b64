package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Invariant 4: a flood of made-up peers neither fills the memory nor drives out the real ones. */
final class FloodTest {
  private static final int MADE_UP = 5_000_000;
  private static final int MAXIMUM = 50_000;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().maximumPeers(MAXIMUM).nanoTime(clock).build();
  private final List<String> failing =
      IntStream.range(0, 1_000).mapToObj(i -> "failing-" + i).toList();

  @Test
  void recordFailure_fiveMillionMadeUpPeers_keepsTheLongFailingAndTheBound() {
    for (int i = 0; i < 20; i++) {
      failing.forEach(table::recordFailure);
    }

    int peak = 0;
    for (int i = 0; i < MADE_UP; i++) {
      table.recordFailure("made-up-" + i);
      if (i % 500 == 0) { // each of the thousand fails again ten times in the flood
        table.recordFailure(failing.get(i / 500 % failing.size()));
        clock.advance(Duration.ofNanos(500_000));
      }
      if (i % 64 == 0) {
        peak = Math.max(peak, table.size());
      }
    }

    judge("one thread", peak);
  }

  @Test
  void recordFailure_floodFromManyThreads_keepsTheLongFailingAndTheBound() throws Exception {
    int threads = 8;
    for (int i = 0; i < 20; i++) {
      failing.forEach(table::recordFailure);
    }

    AtomicLong peak = new AtomicLong();
    Threads.race(threads, thread -> {
      SplittableRandom random = new SplittableRandom(thread);
      for (int i = 0; i < MADE_UP / threads; i++) {
        table.recordFailure("made-up-" + thread + "-" + i);
        if (i % 500 == 0) {
          table.recordFailure(failing.get(random.nextInt(failing.size())));
          clock.advance(Duration.ofNanos(500_000));
        }
        if (i % 64 == 0) {
          peak.accumulateAndGet(table.size(), Math::max);
        }
      }
    });

    judge("eight threads", peak.intValue());
  }

  private void judge(String flood, int peak) {
    long kept = failing.stream().filter(peer -> table.state(peer).isPresent()).count();
    table.cleanUp();
    System.out.printf(
        "flood from %s: kept %d of %d long-failing peers; peak %d, then %d, of %d%n",
        flood, kept, failing.size(), peak, table.size(), MAXIMUM);

    assertThat(kept).isGreaterThanOrEqualTo(990);
    assertThat(peak).isBetween(MAXIMUM, 2 * MAXIMUM);
    assertThat(table.size()).isLessThanOrEqualTo(MAXIMUM);
    assertThat(table.index.size()).isLessThanOrEqualTo(MAXIMUM);
    assertThat(table.snapshot().keySet()).allMatch(table.index::contains);
  }
}
