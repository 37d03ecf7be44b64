package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks that stand still, leap or run back, and the limits of time. */
final class TimeTest {
  private static final long SECOND = 1_000_000_000L;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  @Test
  void recordFailure_earlierTime_isAccepted() {
    long now = clock.getAsLong();
    table.recordFailure("a", now);

    BackoffState late = table.recordFailure("a", now - 5 * SECOND);

    assertThat(late)
        .isEqualTo(new BackoffState(2, now - 5 * SECOND, now - 5 * SECOND + 20_000_000));
    assertThat(table.shouldRetry("a", now)).isTrue();
  }

  @Test
  void shouldRetry_timesOutOfOrder_answersForEachTime() {
    long now = clock.getAsLong();
    table.recordFailure("a", now);

    assertThat(table.shouldRetry("a", now + SECOND)).isTrue();
    assertThat(table.shouldRetry("a", now)).isFalse();
    assertThat(table.shouldRetry("a", now - SECOND)).isFalse();
    assertThat(table.remaining("a", now - SECOND)).isEqualTo(SECOND + 10_000_000);
  }

  @Test
  void clock_thatStandsStill_keepsPeersCooling() {
    for (int i = 0; i < 20; i++) {
      table.recordFailure("a");
    }
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(60));

    for (int i = 0; i < 1_000; i++) {
      table.cleanUp();
      assertThat(table.shouldRetry("a")).isFalse();
      assertThat(table.tryAcquire("a")).isEmpty();
    }
  }

  @Test
  void clock_thatLeapsADayAhead_makesPeersDueAndForgetsThem() {
    table.recordFailure("a");
    table.recordRemoteAdvisory("b", Duration.ofSeconds(60));

    clock.advance(Duration.ofDays(1)); // the machine was suspended

    assertThat(table.shouldRetry("a")).isTrue();
    assertThat(table.tryAcquire("b")).isPresent();
    table.recordFailure("c");
    assertThat(table.snapshot()).as("b was idle, and admitted as healthy").containsOnlyKeys("c");
  }

  @Test
  void clock_thatLeapsAndComesBack_neitherForgetsNorAdmitsEarly() {
    table.recordRemoteAdvisory("a", Duration.ofSeconds(60));

    clock.advance(Duration.ofSeconds(170));
    table.recordFailure("leap"); // a is not yet idle at this time
    clock.advance(Duration.ofSeconds(-170));

    assertThat(table.shouldRetry("a")).isFalse();
    table.cleanUp();
    assertThat(table.snapshot()).containsOnlyKeys("a", "leap");
    assertThat(table.recordFailure("a").attempts()).isEqualTo(2);
  }

  @Test
  void tryAcquire_clockRanBackDuringALease_admitsNobodyElse() {
    table.recordFailure("a");
    clock.advance(Duration.ofSeconds(5));
    Permit probe = table.tryAcquire("a").orElseThrow();

    clock.advance(Duration.ofSeconds(-5));

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(probe.recordFailure()).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(20));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, Long.MAX_VALUE - 120 * SECOND})
  void operations_atTheLimitsOfTime_workAsUsual(long start) {
    clock.set(start);

    assertThat(table.shouldRetry("a")).isTrue();
    assertThat(table.shouldRetry("a", start)).isTrue();
    table.recordFailure("a");
    assertThat(table.shouldRetry("a", start)).isFalse();
    assertThat(table.shouldRetry("a", start + 9_999_999)).isFalse();
    assertThat(table.shouldRetry("a", start + 10_000_000)).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    table.cleanUp();
    assertThat(table.size()).isEqualTo(1);
    clock.advance(Duration.ofMillis(10));
    assertThat(table.tryAcquire("a").orElseThrow().recordFailure()).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void recordFailure_atTheEndOfTime_isNeverAndNothingOverflows() {
    table.recordFailure("a", Long.MAX_VALUE - 5);

    assertThat(table.state("a")).contains(new BackoffState(1, Long.MAX_VALUE - 5, Long.MAX_VALUE));
    assertThat(table.shouldRetry("a", Long.MAX_VALUE - 1)).isFalse();
    table.cleanUp(Long.MAX_VALUE);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void remaining_longestTime_saturates() {
    table.restoreState("a", new BackoffState(1, 0, Long.MAX_VALUE));

    assertThat(table.remaining("a", Long.MIN_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(table.shouldRetry("a", Long.MIN_VALUE)).isFalse();
  }
}
