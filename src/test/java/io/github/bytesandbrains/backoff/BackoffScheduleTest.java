package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.math.BigInteger;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("pure")
final class BackoffScheduleTest {

  @ParameterizedTest
  @CsvSource({
    "1, 10",
    "2, 20",
    "3, 40",
    "12, 20480",
    "13, 40960",
    "14, 60000",
    "15, 60000",
    "63, 60000",
    "64, 60000",
    "65, 60000",
    "66, 60000",
    "2147483647, 60000"
  })
  void delayNanos_exponential_doublesUpToTheCap(int attempts, long millis) {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofMinutes(1));

    assertThat(schedule.delayNanos(attempts))
        .isEqualTo(Duration.ofMillis(millis).toNanos());
  }

  @Test
  void delayNanos_doublingThatStaysJustBelowTheCap_isNotTheCap() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofNanos(1), Duration.ofNanos(3));

    assertThat(schedule.delayNanos(2)).isEqualTo(2);
    assertThat(schedule.delayNanos(3)).isEqualTo(3);
  }

  @Tag("random")
  @RepeatedTest(200)
  void delayNanos_anySchedule_isTheFormulaWithoutOverflow() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long initial = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
    long max = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofNanos(initial), Duration.ofNanos(max));

    for (int attempts = 1; attempts <= 130; attempts++) {
      BigInteger doubled = BigInteger.valueOf(Math.max(1, initial)).shiftLeft(attempts - 1);
      BigInteger expected = doubled.min(BigInteger.valueOf(Math.max(1, max)));

      assertThat(schedule.delayNanos(attempts))
          .as("%s, attempts %d", schedule, attempts)
          .isEqualTo(expected.longValueExact());
    }
  }

  @Test
  void delayNanos_beyondDoublePrecision_isExact() {
    long initial = (1L << 53) + 1; // the smallest long that is not a double
    Duration never = Duration.ofNanos(Long.MAX_VALUE);

    assertThat(BackoffSchedule.exponential(Duration.ofNanos(initial), never).delayNanos(2))
        .isEqualTo(2 * initial);
    assertThat(
            BackoffSchedule.exponential(Duration.ofNanos(initial), never, 1.5).delayNanos(1))
        .as("the first failure waits exactly the initial delay")
        .isEqualTo(initial);
  }

  @Test
  void delayNanos_capThatIsNotADouble_isNotExceeded() {
    long max = (1L << 53) + 3; // rounds up as a double
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofNanos((1L << 51) + 1), Duration.ofNanos(max), 4);

    assertThat(schedule.delayNanos(2)).isEqualTo(max);
  }

  @Test
  void exponential_zero_countsAsOneNanosecond() {
    BackoffSchedule schedule = BackoffSchedule.exponential(Duration.ZERO, Duration.ZERO);

    assertThat(schedule.delayNanos(1)).isEqualTo(1);
    assertThat(schedule.delayNanos(9)).isEqualTo(1);
    assertThat(schedule.maxDelayNanos()).isEqualTo(1);
  }

  @Test
  void exponential_maxBelowInitial_isTheDelay() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofSeconds(5), Duration.ofSeconds(3));

    assertThat(schedule.delayNanos(1)).isEqualTo(Duration.ofSeconds(3).toNanos());
  }

  @Test
  void exponential_moreNanosecondsThanALong_saturates() {
    Duration eons = Duration.ofSeconds(Long.MAX_VALUE);
    BackoffSchedule schedule = BackoffSchedule.exponential(eons, eons);

    assertThat(schedule.delayNanos(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(schedule.maxDelayNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void exponential_negative_namesOptionValueAndExpectation() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackoffSchedule.exponential(Duration.ofSeconds(-1), Duration.ZERO))
        .withMessage("initialDelay: PT-1S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackoffSchedule.exponential(Duration.ZERO, Duration.ofNanos(-1)))
        .withMessage("maxDelay: PT-0.000000001S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            BackoffSchedule.exponential(Duration.ofSeconds(Long.MIN_VALUE), Duration.ofSeconds(1)))
        .withMessage("initialDelay: PT-2562047788015215H-30M-8S (expected: >= 0)");
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without a null checker may do
  void exponential_null_namesTheOption() {
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffSchedule.exponential(null, Duration.ZERO))
        .withMessage("initialDelay");
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffSchedule.exponential(Duration.ZERO, null))
        .withMessage("maxDelay");
  }

  @Test
  void delayNanos_noAttempt_isRejected() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofMinutes(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.delayNanos(0))
        .withMessage("attempts: 0 (expected: >= 1)");
  }

  @Test
  void toString_exponential_showsBothDelays() {
    assertThat(BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofMinutes(1)))
        .hasToString("exponential(PT0.01S, PT1M)");
  }

  private static ConcurrentBackoffTable<String> build(BackoffSchedule schedule) {
    return ConcurrentBackoffTable.builder().schedule(schedule).build();
  }

  @Test
  void build_scheduleThatOverflows_reportsWhatItReturned() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(attempts -> 1_000_000L * attempts * attempts))
        .withMessageStartingWith("schedule.delayNanos(")
        .withMessageContaining(": -")
        .withMessageEndingWith(" (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(a -> Math.min(60_000_000_000L, 10_000_000L << (a - 1))))
        .withMessage("schedule.delayNanos(41): -7451627795949551616 (expected: >= 0)");
  }

  @Test
  void build_scheduleThatThrows_reportsTheAttempts() {
    long[] delays = {1, 2, 3};

    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(attempts -> delays[attempts - 1]))
        .withMessage("schedule.delayNanos(4): java.lang.ArrayIndexOutOfBoundsException: Index 3 out"
            + " of bounds for length 3 (expected: >= 0)")
        .withCauseInstanceOf(ArrayIndexOutOfBoundsException.class);
  }

  @Test
  void build_delaysOfZero_areAccepted() {
    assertThat(build(attempts -> 0).maxDelay()).isZero();
  }

  @Test
  void build_maximumThatThrows_reportsIt() {
    BackoffSchedule schedule = new BackoffSchedule() {
      @Override
      public long delayNanos(int attempts) {
        return 5;
      }

      @Override
      public long maxDelayNanos() {
        throw new UnsupportedOperationException("no maximum");
      }
    };

    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(schedule))
        .withMessage("schedule.maxDelayNanos(): java.lang.UnsupportedOperationException: no maximum"
            + " (expected: >= 0)");
  }

  @Test
  void build_maximumBelowTheFirstDelay_isRejected() {
    BackoffSchedule schedule = new BackoffSchedule() {
      @Override
      public long delayNanos(int attempts) {
        return 500L * Math.min(attempts, 3);
      }

      @Override
      public long maxDelayNanos() {
        return 499;
      }
    };

    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(schedule))
        .withMessage("schedule.maxDelayNanos(): 499 (expected: >= delayNanos(1), which is 500)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(schedule.withJitter(Jitter.full())));
  }

  @Test
  void maxDelayNanos_notOverridden_isTheLongestOfManySamples() {
    BackoffSchedule peaks = attempts -> attempts == 5 ? 90 : attempts > 100 ? 7 : 10;
    assertThat(peaks.maxDelayNanos()).isEqualTo(90);
    BackoffSchedule late = attempts -> attempts >= 1 << 20 ? 300 : 10;
    assertThat(late.maxDelayNanos()).isEqualTo(300);
    BackoffSchedule last = attempts -> attempts == Integer.MAX_VALUE ? 400 : 10;
    assertThat(last.maxDelayNanos()).isEqualTo(400);
    assertThat(peaks.withJitter(Jitter.full()).maxDelayNanos()).isEqualTo(90);

    assertThat(build(attempts -> Math.min(attempts, 40) * 1_000L).idleTimeout())
        .isEqualTo(Duration.ofNanos(80_000));
  }

  /** Otherwise the delays of a seeded generator would depend on the samples of build(). */
  @Test
  void build_jitteredSchedule_drawsNothing() {
    CountingGenerator random = new CountingGenerator();
    BackoffSchedule schedule = BackoffSchedule.exponential(Duration.ofMillis(1), Duration.ofDays(1))
        .withJitter(Jitter.full(random));

    build(schedule);

    assertThat(random.draws).isZero();
  }

  private static final class CountingGenerator implements RandomGenerator {
    private int draws;

    @Override
    public long nextLong() {
      return draws++;
    }
  }
}
