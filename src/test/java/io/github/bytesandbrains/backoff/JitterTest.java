package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("pure")
final class JitterTest {
  private static final BackoffSchedule PLAIN =
      BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
  private static final long CAP = Duration.ofSeconds(60).toNanos();
  private static final int DRAWS = 20_000;

  private static LongStream draws(Jitter jitter, int attempts) {
    BackoffSchedule schedule = PLAIN.withJitter(jitter);
    return LongStream.generate(() -> schedule.delayNanos(attempts)).limit(DRAWS);
  }

  @Test
  void full_afterTwentyFiveFailures_isSpreadUnderTheCap() {
    long[] delays = draws(Jitter.full(new SplittableRandom(1)), 25).toArray();

    assertThat(LongStream.of(delays).filter(delay -> delay == CAP).count())
        .isLessThanOrEqualTo(DRAWS / 100);
    assertThat(LongStream.of(delays).max().orElseThrow()).isLessThanOrEqualTo(CAP);
    assertThat(LongStream.of(delays).min().orElseThrow()).isBetween(1L, CAP / 1_000);
    assertThat(LongStream.of(delays).average().orElseThrow()).isBetween(CAP * 0.49, CAP * 0.51);
    assertThat(LongStream.of(delays).filter(delay -> delay < CAP / 10).count())
        .isBetween((long) (DRAWS * 0.09), (long) (DRAWS * 0.11));
  }

  @Test
  void equal_afterTwentyFiveFailures_isSpreadOverTheUpperHalf() {
    long[] delays = draws(Jitter.equal(new SplittableRandom(1)), 25).toArray();

    assertThat(LongStream.of(delays).filter(delay -> delay == CAP).count())
        .isLessThanOrEqualTo(DRAWS / 100);
    assertThat(LongStream.of(delays).max().orElseThrow()).isLessThanOrEqualTo(CAP);
    assertThat(LongStream.of(delays).min().orElseThrow()).isBetween(CAP / 2, CAP * 501 / 1_000);
    assertThat(LongStream.of(delays).average().orElseThrow()).isBetween(CAP * 0.745, CAP * 0.755);
  }

  @Test
  void full_noGenerator_usesThatOfTheThread() {
    assertThat(draws(Jitter.full(), 25).distinct().count()).isGreaterThan(DRAWS * 99 / 100);
    assertThat(draws(Jitter.equal(), 25).distinct().count()).isGreaterThan(DRAWS * 99 / 100);
  }

  @Test
  void none_anyDelay_isThatOfTheSchedule() {
    for (int attempts = 1; attempts < 40; attempts++) {
      assertThat(PLAIN.withJitter(Jitter.none()).delayNanos(attempts))
          .isEqualTo(PLAIN.delayNanos(attempts));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 7, Long.MAX_VALUE - 1, Long.MAX_VALUE})
  void spread_extremeDelays_staysWithinItsBounds(long delay) {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 1_000; i++) {
      assertThat(Jitter.full(random).spread(delay)).isBetween(Math.min(1, delay), delay);
      assertThat(Jitter.equal(random).spread(delay)).isBetween(delay - delay / 2, delay);
    }
  }

  @Test
  void spread_smallestAndLargestDraw_areItsBounds() {
    RandomGenerator smallest = draw(bound -> 0);
    RandomGenerator largest = draw(bound -> bound - 1);

    assertThat(Jitter.full(smallest).spread(10)).isEqualTo(10);
    assertThat(Jitter.full(largest).spread(10)).isEqualTo(1);
    assertThat(Jitter.equal(smallest).spread(10)).isEqualTo(10);
    assertThat(Jitter.equal(largest).spread(10)).isEqualTo(5);
    assertThat(Jitter.equal(largest).spread(7)).isEqualTo(4);
  }

  private static RandomGenerator draw(LongUnaryOperator ofBound) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        throw new AssertionError("without a bound");
      }

      @Override
      public long nextLong(long bound) {
        return ofBound.applyAsLong(bound);
      }
    };
  }

  @Test
  void withJitter_sameGenerator_isRepeatable() {
    assertThat(draws(Jitter.full(new SplittableRandom(7)), 5).toArray())
        .isEqualTo(draws(Jitter.full(new SplittableRandom(7)), 5).toArray());
  }

  @Test
  void withJitter_tableThatUsesIt_spreadsFailuresButNeverAdvisories() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
        .schedule(PLAIN.withJitter(Jitter.equal()))
        .nanoTime(clock)
        .build();

    for (int peer = 0; peer < 1_000; peer++) {
      table.recordFailure(peer);
      table.recordRemoteAdvisory(-1 - peer, Duration.ofSeconds(3));
    }

    Map<Integer, BackoffState> states = table.snapshot();
    assertThat(states.entrySet()).allSatisfy(entry -> {
      Duration remaining = table.remaining(entry.getKey());
      if (entry.getKey() < 0) {
        assertThat(remaining).isEqualTo(Duration.ofSeconds(3));
      } else {
        assertThat(remaining).isBetween(Duration.ofMillis(5), Duration.ofMillis(10));
      }
    });
    assertThat(states.values().stream()
            .mapToLong(BackoffState::nextRetryNanos)
            .distinct()
            .count())
        .isGreaterThan(900);
  }

  @Test
  void exponential_multiplier_grows() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofSeconds(1), Duration.ofSeconds(10), 1.5);

    assertThat(schedule.delayNanos(1)).isEqualTo(1_000_000_000);
    assertThat(schedule.delayNanos(2)).isEqualTo(1_500_000_000);
    assertThat(schedule.delayNanos(3)).isEqualTo(2_250_000_000L);
    assertThat(schedule.delayNanos(7)).isEqualTo(10_000_000_000L);
    assertThat(schedule.delayNanos(Integer.MAX_VALUE)).isEqualTo(10_000_000_000L);
    assertThat(schedule).hasToString("exponential(PT1S, PT10S, 1.5)");
    assertThat(schedule.withJitter(Jitter.full()))
        .hasToString("exponential(PT1S, PT10S, 1.5) with full jitter");
    assertThat(schedule.withJitter(Jitter.equal())).asString().endsWith(" with equal jitter");
    assertThat(schedule.withJitter(Jitter.none())).asString().endsWith(" with no jitter");
  }

  @Test
  void exponential_multiplierOfOne_isConstant() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofSeconds(1), Duration.ofSeconds(10), 1);

    assertThat(schedule.delayNanos(1)).isEqualTo(1_000_000_000);
    assertThat(schedule.delayNanos(1_000)).isEqualTo(1_000_000_000);
  }

  @Test
  void exponential_hugeMultiplier_saturatesAtTheCap() {
    BackoffSchedule schedule = BackoffSchedule.exponential(
        Duration.ofSeconds(1), Duration.ofNanos(Long.MAX_VALUE), Double.MAX_VALUE);

    assertThat(schedule.delayNanos(1)).isEqualTo(1_000_000_000);
    assertThat(schedule.delayNanos(2)).isEqualTo(Long.MAX_VALUE);
    assertThat(schedule.delayNanos(3)).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {0.5, 0.999999, 0, -2, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE})
  void exponential_badMultiplier_namesOptionValueAndExpectation(double multiplier) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> BackoffSchedule.exponential(Duration.ZERO, Duration.ofSeconds(1), multiplier))
        .withMessage("multiplier: " + multiplier + " (expected: >= 1.0)");
  }

  @Test
  void schedule_lambda_isUsed() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(attempts -> Math.min(attempts, 5) * 1_000_000_000L)
        .nanoTime(clock)
        .build();

    assertThat(table.recordFailure("a").remainingNanos(clock.getAsLong())).isEqualTo(1_000_000_000);
    assertThat(table.recordFailure("a").remainingNanos(clock.getAsLong())).isEqualTo(2_000_000_000);
    table.recordRemoteAdvisory("a", Duration.ofHours(1));
    assertThat(table.remaining("a")).as("its longest delay").isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void schedule_negativeDelay_isRejectedAndChangesNothing() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(attempts -> attempts == 1_000 ? -5 : 1_000) // no sample of build() finds it
        .nanoTime(clock)
        .build();
    table.restoreState("a", new BackoffState(999, clock.getAsLong(), clock.getAsLong()));
    BackoffState before = table.state("a").orElseThrow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.recordFailure("a"))
        .withMessage("schedule.delayNanos(1000): -5 (expected: >= 0)");
    assertThat(table.state("a")).containsSame(before);
    assertThat(table.stats().failures()).isZero();
  }

  @Test
  void schedule_thatThrows_changesNothing() {
    FakeClock clock = new FakeClock();
    AtomicBoolean broken = new AtomicBoolean();
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(attempts -> {
          if (broken.get()) {
            throw new IllegalStateException("schedule is broken");
          }
          return 1_000;
        })
        .nanoTime(clock)
        .build();
    broken.set(true);

    assertThatIllegalStateException().isThrownBy(() -> table.recordFailure("a"));
    Permit permit = table.tryAcquire("a").orElseThrow();
    assertThatIllegalStateException().isThrownBy(permit::recordFailure);

    assertThat(table.isEmpty()).isTrue();
    IndexAssertions.assertIndexed(table);
    assertThat(permit.recordRemoteAdvisory(Duration.ZERO)).as("still open").isTrue();
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without a null checker may do
  void withJitter_null_namesIt() {
    assertThatNullPointerException().isThrownBy(() -> PLAIN.withJitter(null)).withMessage("jitter");
    assertThatNullPointerException().isThrownBy(() -> Jitter.full(null)).withMessage("random");
    assertThatNullPointerException().isThrownBy(() -> Jitter.equal(null)).withMessage("random");
  }
}
