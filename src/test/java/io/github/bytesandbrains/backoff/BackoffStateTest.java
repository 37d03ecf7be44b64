package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("pure")
final class BackoffStateTest {
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
}
