package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class BackoffStatsTest {
  private static final BackoffStats NONE = times(0);

  /** Each count another one, so that two that change places are found. */
  private static BackoffStats times(long n) {
    return new BackoffStats(
        n,
        Duration.ofNanos(2 * n),
        3 * n,
        4 * n,
        Duration.ofNanos(5 * n),
        6 * n,
        7 * n,
        8 * n,
        9 * n,
        10 * n,
        11 * n,
        12 * n,
        13 * n,
        14 * n,
        15 * n,
        16 * n);
  }

  @Test
  void plus_andMinus_areFieldByField() {
    assertThat(times(1).plus(times(10))).isEqualTo(times(11));
    assertThat(times(11).minus(times(10))).isEqualTo(times(1));
    assertThat(times(1).minus(times(10))).as("never negative").isEqualTo(NONE);
    assertThat(times(1).plus(NONE)).isEqualTo(times(1));
  }

  @Test
  void stats_ofATable_tellOfTheTimeInBetween() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    assertThat(table.stats()).isEqualTo(NONE);
    table.recordFailure("a");
    table.recordFailure("b");
    BackoffStats before = table.stats();

    table.recordFailure("a");
    table.recordRemoteAdvisory("a", Duration.ofMinutes(2));
    table.recordSuccess("a");
    table.recordSuccess("unknown");
    table.shouldRetry("b");

    BackoffStats since = table.stats().minus(before);
    assertThat(since.failures()).isEqualTo(1);
    assertThat(since.failureDelays()).isEqualTo(Duration.ofMillis(20));
    assertThat(since.successes()).isEqualTo(1);
    assertThat(since.advisories()).isEqualTo(1);
    assertThat(since.advisoryDelays()).as("as clamped").isEqualTo(Duration.ofSeconds(60));
    assertThat(since.clampedAdvisories()).isEqualTo(1);
    assertThat(since.admitted() + since.denied() + since.staleOutcomes()).isZero();
  }

  @Test
  void failureDelays_ofYears_addUpWithoutOverflow() {
    Duration century = Duration.ofDays(36_500);
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(century, century))
        .build();
    for (int i = 0; i < 1000; i++) {
      table.recordFailure(i, 0);
    }

    assertThat(table.stats().failureDelays().minus(century.multipliedBy(1000)).abs())
        .isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void failureDelays_never_isLeftOut() {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().schedule(attempts -> Long.MAX_VALUE).build();
    for (long now : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
      table.recordFailure("a", now);
      table.recordRemoteAdvisory("a", now, Long.MAX_VALUE);
    }

    assertThat(table.stats().failures()).isEqualTo(5);
    assertThat(table.stats().failureDelays()).isZero();
    assertThat(table.stats().advisoryDelays()).isZero();
  }

  @Test
  void probes_byHowTheyEnd_areCounted() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    List<Consumer<Attempt>> ends = List.of(
        Attempt::failed,
        probe -> probe.advised(Duration.ofSeconds(1)),
        Attempt::abandoned,
        Attempt::close,
        probe -> {}, // it lapses
        probe -> {
          table.recordFailure("a");
          probe.succeeded(); // stale
        },
        Attempt::succeeded);
    table.recordFailure("a");
    for (Consumer<Attempt> end : ends) {
      clock.advance(Duration.ofMinutes(1));
      end.accept(table.tryAcquire("a").orElseThrow());
    }
    table.tryAcquire("a").orElseThrow().succeeded(); // no probe, as the peer is not tracked
    table.tryAcquire("a").orElseThrow().failed();

    BackoffStats stats = table.stats();
    assertThat(stats.probes()).isEqualTo(7);
    assertThat(stats.succeededProbes()).isEqualTo(1);
    assertThat(stats.failedProbes()).isEqualTo(2);
    assertThat(stats.abandonedProbes()).isEqualTo(2);
    assertThat(stats.lapsedProbes()).isEqualTo(1);
    assertThat(stats.staleOutcomes()).isEqualTo(1);
    assertThat(stats.successes()).isEqualTo(1);
  }

  @Test
  void restoreState_andLeases_imposeNoDelay() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    table.restoreState("a", new BackoffState(3, 0, 100));
    assertThat(table.tryAcquire("a", 100)).isPresent();

    assertThat(table.stats().failureDelays()).isZero();
    assertThat(table.stats().advisoryDelays()).isZero();
  }
}
