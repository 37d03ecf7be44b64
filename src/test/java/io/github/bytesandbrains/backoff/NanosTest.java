package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("pure")
final class NanosTest {
  private static final long MIN = Long.MIN_VALUE;
  private static final long MAX = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({
    "5, 0, 5",
    "-5, 7, 2",
    MIN + ", " + MAX + ", -1",
    MAX + ", 0, " + MAX,
    MAX + ", 1, " + MAX
  })
  void plus_anyTimeAndDelay_saturates(long time, long delay, long sum) {
    assertThat(Nanos.plus(time, delay)).isEqualTo(sum);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 3, 7",
    "10, 10, 0",
    "3, 10, 0",
    MAX + ", " + MIN + ", " + MAX,
    MIN + ", " + MAX + ", 0",
    MAX + ", 5, " + MAX,
    MAX - 1 + ", 5, " + (MAX - 6),
    MAX + ", " + MAX + ", 0"
  })
  void until_anyTimes_isNeverNegativeAndSaturates(long time, long now, long nanos) {
    assertThat(Nanos.until(time, now)).isEqualTo(nanos);
  }

  @Test
  void requireAtLeast_longDurations_saturate() {
    Duration longest = Duration.ofNanos(MAX);

    assertThat(Nanos.requireAtLeast("option", longest.minusNanos(1), 0)).isEqualTo(MAX - 1);
    assertThat(Nanos.requireAtLeast("option", longest, 0)).isEqualTo(MAX);
    assertThat(Nanos.requireAtLeast("option", longest.plusNanos(1), 0)).isEqualTo(MAX);
    assertThat(Nanos.requireAtLeast("option", Duration.ofSeconds(MAX, 999_999_999), 0))
        .isEqualTo(MAX);
  }

  @Test
  void requireAtLeast_lessThanTheMinimum_reportsWhatWasExpected() {
    assertThat(Nanos.requireAtLeast("option", Duration.ZERO, 0)).isZero();
    assertThat(Nanos.requireAtLeast("option", Duration.ofNanos(1), 1)).isEqualTo(1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nanos.requireAtLeast("option", Duration.ofNanos(-1), 0))
        .withMessage("option: PT-0.000000001S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nanos.requireAtLeast("option", Duration.ZERO, 1))
        .withMessage("option: PT0S (expected: > 0)");
  }
}
