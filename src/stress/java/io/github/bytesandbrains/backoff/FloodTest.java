package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A flood of made-up peers neither fills the memory nor evicts the peers that keep failing. */
@Tag("concurrent")
final class FloodTest {
  private static final int MADE_UP = 5_000_000;
  private static final int MAXIMUM = 50_000;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table = table(MAXIMUM);
  private final List<String> failing =
      IntStream.range(0, 1_000).mapToObj(i -> "failing-" + i).toList();
  private final List<String> few = failing.subList(0, 100);

  private ConcurrentBackoffTable<String> table(long maximumPeers) {
    return ConcurrentBackoffTable.builder()
        .maximumPeers(maximumPeers)
        .nanoTime(clock)
        .build();
  }

  private static void fail(ConcurrentBackoffTable<String> table, List<String> peers, int times) {
    for (int i = 0; i < times; i++) {
      peers.forEach(table::recordFailure);
    }
  }

  private static long kept(ConcurrentBackoffTable<String> table, List<String> peers) {
    return peers.stream().filter(peer -> table.state(peer).isPresent()).count();
  }

  @Test
  void recordFailure_fiveMillionMadeUpPeers_keepsTheLongFailingAndTheBound() {
    fail(table, failing, 20);

    long peak = 0;
    for (int i = 0; i < MADE_UP; i++) {
      table.recordFailure("made-up-" + i);
      if (i % 500 == 0) { // each of the 1,000 fails again ten times during the flood
        table.recordFailure(failing.get(i / 500 % failing.size()));
        clock.advance(Duration.ofNanos(500_000));
      }
      if (i % 64 == 0) {
        peak = Math.max(peak, table.map.mappings());
      }
    }

    assertKept("one thread", peak);
  }

  @Test
  void recordFailure_floodFromManyThreads_keepsTheLongFailingAndTheBound() throws Exception {
    int threads = 8;
    fail(table, failing, 20);

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
          peak.accumulateAndGet(table.map.mappings(), Math::max);
        }
      }
    });

    assertKept("eight threads", peak.longValue());
  }

  /** Peers that failed often stay, if nothing is recorded for them or the flood fails twice. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 500", "1, 500"})
  void recordFailure_smallerFloods_keepTheLongFailing(int failuresEach, int silence) {
    ConcurrentBackoffTable<String> small = table(5_000);
    fail(small, few, 20);

    for (int i = 0; i < 500_000; i++) {
      for (int failures = 0; failures < failuresEach; failures++) {
        small.recordFailure("made-up-" + i);
      }
      if (silence > 0 && i % silence == 0) {
        small.recordFailure(few.get(i / silence % few.size()));
      }
    }

    assertThat(kept(small, few)).isEqualTo(100);
    assertThat(small.map.mappings()).isLessThanOrEqualTo(5_000);
  }

  /**
   * Full floods: peers that never fail again, often, never before, or with a flood that persists.
   */
  @ParameterizedTest
  @CsvSource({"5000000, 1, 20, 0", "5000000, 1, 20, 250", "5000000, 1, 0, 100", "2500000, 2, 20, 5"
  })
  @Tag("slow")
  void recordFailure_fullFloods_keepAll(int madeUp, int failuresEach, int before, int during) {
    fail(table, failing, before);
    int silence = during == 0 ? Integer.MAX_VALUE : madeUp / during / failing.size();

    for (int i = 0; i < madeUp; i++) {
      for (int failures = 0; failures < failuresEach; failures++) {
        table.recordFailure("made-up-" + i);
      }
      int turn = (i + 1) / silence;
      for (int next = i / silence; next < turn; next++) {
        table.recordFailure(failing.get(next % failing.size()));
      }
      clock.advance(Duration.ofNanos(1_000));
    }

    assertThat(kept(table, failing)).isEqualTo(failing.size());
  }

  @Test
  void recordFailure_thousandTurnoversOfTheBound_keepTheLongFailing() {
    ConcurrentBackoffTable<String> small = table(1_000);
    fail(small, few, 20);

    for (int i = 0; i < 1_024 * 1_000; i++) {
      small.recordFailure("made-up-" + i);
    }

    assertThat(kept(small, few)).isEqualTo(100);
  }

  /** Each of 100 peers fails once per turnover of the bound. */
  @Test
  void recordFailure_permanentFlood_resetsNoneThatFailsOnceATurn() {
    int bound = 1_000;
    ConcurrentBackoffTable<String> small = table(bound);
    int turns = 1_000;
    int made = 0;

    int resets = 0;
    for (int turn = 0; turn < turns; turn++) {
      for (String peer : few) {
        for (int i = 0; i < bound / few.size(); i++) {
          small.recordFailure("made-up-" + made++);
        }
        if (small.recordFailure(peer).attempts() == 1 && turn > turns / 10) {
          resets++;
        }
      }
    }

    System.out.printf("permanent flood: %d resets in %d turns of 100 peers%n", resets, turns);
    assertThat(resets).isZero();
  }

  /** Peers that outlasted one flood and recovered also outlast the next. */
  @Test
  void recordFailure_recoveredAndFailingAgain_outlastsTheNextFlood() {
    ConcurrentBackoffTable<String> small = table(5_000);
    fail(small, few, 20);
    for (int i = 0; i < 200_000; i++) {
      small.recordFailure("made-up-" + i);
    }
    few.forEach(small::recordSuccess);
    fail(small, few, 5);

    for (int i = 0; i < 20_000; i++) {
      small.recordFailure("made-up-again-" + i);
    }

    assertThat(kept(small, few)).isGreaterThanOrEqualTo(95);
    assertThat(small.map.mappings()).isLessThanOrEqualTo(5_000);
  }

  private void assertKept(String flood, long peak) {
    System.out.printf(
        "flood from %s: kept %d of %d long-failing peers; peak %d, then %d, of %d%n",
        flood, kept(table, failing), failing.size(), peak, table.map.mappings(), MAXIMUM);

    assertThat(kept(table, failing)).isEqualTo(failing.size());
    assertThat(peak).isBetween((long) MAXIMUM, MAXIMUM + MAXIMUM / 128 + 16L);
    table.cleanUp();
    IndexAssertions.assertIndexed(table);
  }
}
