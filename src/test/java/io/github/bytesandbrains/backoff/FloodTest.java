package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** Those that failed before stay, though nothing is heard of them, or the flood fails twice. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 500", "1, 500"})
  void recordFailure_smallerFloods_keepTheLongFailing(int failuresEach, int silence) {
    ConcurrentBackoffTable<String> small =
        ConcurrentBackoffTable.builder().maximumPeers(5_000).nanoTime(clock).build();
    List<String> few = failing.subList(0, 100);
    for (int i = 0; i < 20; i++) {
      few.forEach(small::recordFailure);
    }

    for (int i = 0; i < 500_000; i++) {
      for (int failures = 0; failures < failuresEach; failures++) {
        small.recordFailure("made-up-" + i);
      }
      if (silence > 0 && i % silence == 0) {
        small.recordFailure(few.get(i / silence % few.size()));
      }
    }

    long kept = few.stream().filter(peer -> small.state(peer).isPresent()).count();
    assertThat(kept).isGreaterThanOrEqualTo(95);
    assertThat(small.size()).isLessThanOrEqualTo(2 * 5_000);
  }

  /** What a peer was spared in one flood, it is not denied in the next. */
  @Test
  void recordFailure_recoveredAndFailingAgain_outlastsTheNextFlood() {
    ConcurrentBackoffTable<String> small =
        ConcurrentBackoffTable.builder().maximumPeers(5_000).nanoTime(clock).build();
    List<String> few = failing.subList(0, 100);
    for (int i = 0; i < 20; i++) {
      few.forEach(small::recordFailure);
    }
    for (int i = 0; i < 200_000; i++) {
      small.recordFailure("made-up-" + i);
    }
    few.forEach(small::recordSuccess);
    for (int i = 0; i < 5; i++) {
      few.forEach(small::recordFailure);
    }

    for (int i = 0; i < 20_000; i++) {
      small.recordFailure("made-up-again-" + i);
    }

    long kept = few.stream().filter(peer -> small.state(peer).isPresent()).count();
    assertThat(kept).isGreaterThanOrEqualTo(95);
    assertThat(small.map.size()).isLessThanOrEqualTo(2 * 5_000);
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
    assertThat(table.index.peers().size()).isLessThanOrEqualTo(MAXIMUM);
    assertThat(table.snapshot().keySet()).allMatch(table.index.peers()::contains);
  }
}
