package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackoffStateTest {
  private static final BackoffSchedule SCHEDULE =
      BackoffSchedule.exponential(Duration.ofNanos(10), Duration.ofNanos(35));

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -5, 0, 7, Long.MAX_VALUE - 100})
  void afterFailure_unknownPeer_isTheFirstAttempt(long now) {
    assertThat(FORGOTTEN.afterFailure(now, SCHEDULE)).isEqualTo(new BackoffState(1, now, now + 10));
  }

  @Test
  void afterFailure_trackedPeer_addsAnAttempt() {
    assertThat(new BackoffState(1, 0, 10).afterFailure(5, SCHEDULE))
        .isEqualTo(new BackoffState(2, 5, 25));
    assertThat(new BackoffState(2, 5, 25).afterFailure(30, SCHEDULE))
        .isEqualTo(new BackoffState(3, 30, 65));
  }

  @Test
  void afterFailure_olderNow_overwrites() {
    assertThat(new BackoffState(1, 1_000, 1_010).afterFailure(-7, SCHEDULE))
        .isEqualTo(new BackoffState(2, -7, 13));
  }

  @Test
  void afterFailure_delayOfZero_isDueAtOnce() {
    assertThat(FORGOTTEN.afterFailure(5, attempts -> 0)).isEqualTo(new BackoffState(1, 5, 5));
  }

  @Test
  void afterFailure_mostAttempts_saturates() {
    BackoffState state = new BackoffState(Integer.MAX_VALUE, 0, 0);

    assertThat(state.afterFailure(1, SCHEDULE))
        .isEqualTo(new BackoffState(Integer.MAX_VALUE, 1, 36));
    assertThat(state.afterAdvisory(1, 2)).isEqualTo(new BackoffState(Integer.MAX_VALUE, 1, 3));
  }

  @Test
  void afterFailure_beyondTheEndOfTime_isNever() {
    assertThat(FORGOTTEN.afterFailure(Long.MAX_VALUE - 9, SCHEDULE).nextRetryNanos())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(FORGOTTEN.afterFailure(Long.MAX_VALUE - 10, SCHEDULE).nextRetryNanos())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(FORGOTTEN.afterFailure(Long.MAX_VALUE - 11, SCHEDULE).nextRetryNanos())
        .isEqualTo(Long.MAX_VALUE - 1);
  }

  @Test
  void afterAdvisory_shorterThanTheSchedule_replacesIt() {
    assertThat(new BackoffState(4, 0, 35).afterAdvisory(1, 0)).isEqualTo(new BackoffState(5, 1, 1));
    assertThat(FORGOTTEN.afterAdvisory(1, 50)).isEqualTo(new BackoffState(1, 1, 51));
  }

  @Test
  void leased_anyState_isAsItWasButForTheNextRetry() {
    BackoffState state = new BackoffState(4, -3, 35);

    assertThat(state.leased(40, 10)).isEqualTo(new BackoffState(4, -3, 50));
    assertThat(state.leased(Long.MAX_VALUE - 5, 10))
        .isEqualTo(new BackoffState(4, -3, Long.MAX_VALUE));
  }

  @Test
  void isCooling_aroundTheNextRetry_endsThere() {
    BackoffState state = new BackoffState(1, 0, 10);

    assertThat(state.isCooling(9)).isTrue();
    assertThat(state.isCooling(10)).isFalse();
    assertThat(state.isCooling(Long.MIN_VALUE)).isTrue();
    assertThat(state.isCooling(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void remainingNanos_aroundTheNextRetry_isNeverNegativeAndSaturates() {
    BackoffState state = new BackoffState(1, 0, 10);

    assertThat(state.remainingNanos(3)).isEqualTo(7);
    assertThat(state.remainingNanos(9)).isEqualTo(1);
    assertThat(state.remainingNanos(10)).isZero();
    assertThat(state.remainingNanos(Long.MAX_VALUE)).isZero();
    assertThat(state.remainingNanos(Long.MIN_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(new BackoffState(1, 0, -10).remainingNanos(Long.MIN_VALUE))
        .isEqualTo(Long.MAX_VALUE - 9);
  }

  @Test
  void constructor_negativeAttempts_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BackoffState(-1, 0, 0))
        .withMessage("attempts: -1 (expected: >= 0)");
    assertThat(new BackoffState(0, 0, 0).attempts()).isZero();
  }

  @Test
  void imposedNanos_anyDelay_isFromTheLastAttemptToTheNextRetry() {
    assertThat(new BackoffState(1, -7, 3).imposedNanos()).isEqualTo(10);
    assertThat(new BackoffState(1, Long.MIN_VALUE, 0)
            .afterAdvisory(Long.MIN_VALUE, Long.MAX_VALUE)
            .imposedNanos())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(new BackoffState(1, 5, Long.MAX_VALUE).imposedNanos())
        .as("never over")
        .isEqualTo(Long.MAX_VALUE);
    assertThat(new BackoffState(1, 5, Long.MAX_VALUE - 1).imposedNanos())
        .isEqualTo(Long.MAX_VALUE - 6);
  }
}
