package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BackoffStatsTest {
  private static final BackoffStats NONE = times(0);

  /** Each count differs, so that a test notices if two are swapped. */
  private static BackoffStats times(long n) {
    long[] counts = new long[Counters.Counter.COUNT];
    Arrays.setAll(counts, i -> (i + 1) * n);
    return new BackoffStats(counts);
  }

  @Test
  void plus_andMinus_areFieldByField() {
    assertThat(times(1).plus(times(10))).isEqualTo(times(11));
    assertThat(times(11).minus(times(10))).isEqualTo(times(1));
    assertThat(times(1).minus(times(10))).as("never negative").isEqualTo(NONE);
    assertThat(times(1).plus(NONE)).isEqualTo(times(1));
  }

  @Test
  void minus_earlierStats_isWhatWasCountedInBetween() {
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
    assertThat(since.granted() + since.denied() + since.staleOutcomes()).isZero();
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
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofHours(1))
        .nanoTime(clock)
        .build();
    List<Consumer<Permit>> ends = List.of(
        Permit::recordFailure,
        probe -> probe.recordRemoteAdvisory(Duration.ofSeconds(1)),
        Permit::release,
        Permit::close,
        probe -> {}, // it lapses
        probe -> {
          clock.advance(Duration.ofMinutes(1));
          assertThat(table.tryAcquire("a").orElseThrow().release()).isTrue();
          probe.release(); // it lapsed, and is not counted again
        },
        probe -> {
          table.recordFailure("a");
          probe.recordSuccess(); // stale
        },
        Permit::recordSuccess);
    table.recordFailure("a");
    for (Consumer<Permit> end : ends) {
      clock.advance(Duration.ofMinutes(1));
      end.accept(table.tryAcquire("a").orElseThrow());
    }
    table.tryAcquire("a").orElseThrow().recordSuccess(); // no probe, as the peer is not tracked
    table.tryAcquire("a").orElseThrow().recordFailure();

    BackoffStats stats = table.stats();
    assertThat(stats.probes()).isEqualTo(9);
    assertThat(stats.succeededProbes()).isEqualTo(1);
    assertThat(stats.failedProbes()).isEqualTo(2);
    assertThat(stats.releasedProbes()).isEqualTo(3);
    assertThat(stats.lapsedProbes()).isEqualTo(2);
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

  @Test
  void accessors_andToString_nameEachCountOnce() {
    BackoffStats stats = times(1_000);

    assertThat(List.of(
            stats.failures(),
            TimeUnit.MICROSECONDS.convert(stats.failureDelays()),
            stats.successes(),
            stats.advisories(),
            TimeUnit.MICROSECONDS.convert(stats.advisoryDelays()),
            stats.clampedAdvisories(),
            stats.staleAdvisories(),
            stats.staleOutcomes(),
            stats.granted(),
            stats.denied(),
            stats.probes(),
            stats.succeededProbes(),
            stats.failedProbes(),
            stats.releasedProbes(),
            stats.lapsedProbes(),
            stats.idleEvictions(),
            stats.sizeEvictions()))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, 17).map(i -> i * 1_000).boxed().toList());
    assertThat(stats.toString())
        .startsWith("BackoffStats[failures=1000, failure_delay_micros=2000,");
    assertThat(times(1)).isEqualTo(times(1)).hasSameHashCodeAs(times(1)).isNotEqualTo(times(2));
    assertThat(times(1)).isNotEqualTo("another");
    assertThat(times(1).hashCode()).isNotEqualTo(times(2).hashCode());
  }
}
