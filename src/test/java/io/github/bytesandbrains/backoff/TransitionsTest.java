package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bytesandbrains.backoff.Held.Hold;
import io.github.bytesandbrains.backoff.Held.Lease;
import io.github.bytesandbrains.backoff.Held.Recovered;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("pure")
final class TransitionsTest {
  private static final long MAX = Long.MAX_VALUE;

  private final BackoffTableBuilder builder = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofNanos(10), Duration.ofNanos(35)))
      .probeLease(Duration.ofNanos(20))
      .idleTimeout(Duration.ofNanos(100));
  private final Transitions transitions = new Transitions(builder);
  private final ConcurrentBackoffTable<String> table = builder.build();
  private final Permit probe = new Permit(table, "a", null, true);

  private BackoffState afterFailure(@Nullable Held held, long now) {
    return transitions.afterFailure(held, now);
  }

  private Lease leased(Held held, long now) {
    return transitions.leased(held, now, probe);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -5, 0, 7, MAX - 100})
  void afterFailure_absentPeer_isTheFirstAttempt(long now) {
    assertThat(afterFailure(null, now)).isEqualTo(new BackoffState(1, now, now + 10));
    assertThat(afterFailure(new Recovered(MAX), now)).isEqualTo(new BackoffState(1, now, now + 10));
  }

  @Test
  void afterFailure_trackedPeer_addsAnAttempt() {
    assertThat(afterFailure(new BackoffState(1, 0, 10), 5)).isEqualTo(new BackoffState(2, 5, 25));
    assertThat(afterFailure(new BackoffState(2, 5, 25), 30)).isEqualTo(new BackoffState(3, 30, 65));
  }

  @Test
  void afterFailure_leasedOrHeldPeer_continuesItsAttempts() {
    BackoffState state = new BackoffState(2, 5, 25);

    assertThat(afterFailure(leased(state, 30), 31)).isEqualTo(new BackoffState(3, 31, 66));
    assertThat(afterFailure(new Hold(state, 30, 90), 31)).isEqualTo(new BackoffState(3, 31, 66));
    assertThat(afterFailure(new Hold(null, 30, 90), 31)).isEqualTo(new BackoffState(1, 31, 41));
  }

  @Test
  void afterFailure_olderNow_overwrites() {
    assertThat(afterFailure(new BackoffState(1, 1_000, 1_010), -7))
        .isEqualTo(new BackoffState(2, -7, 13));
  }

  @Test
  void afterFailure_mostAttempts_saturates() {
    BackoffState state = new BackoffState(Integer.MAX_VALUE, 0, 0);

    assertThat(afterFailure(state, 1)).isEqualTo(new BackoffState(Integer.MAX_VALUE, 1, 36));
    assertThat(transitions.afterAdvisory(state, 1, 2))
        .isEqualTo(new BackoffState(Integer.MAX_VALUE, 1, 3));
  }

  @Test
  void afterFailure_beyondTheEndOfTime_isNever() {
    assertThat(afterFailure(null, MAX - 9).nextRetryNanos()).isEqualTo(MAX);
    assertThat(afterFailure(null, MAX - 10).nextRetryNanos()).isEqualTo(MAX);
    assertThat(afterFailure(null, MAX - 11).nextRetryNanos()).isEqualTo(MAX - 1);
  }

  @Test
  void afterFailure_scheduleThatOverflowsLater_reportsWhatItReturned() {
    Transitions broken = new Transitions(ConcurrentBackoffTable.builder().schedule(late()));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> broken.afterFailure(new BackoffState(999, 0, 0), 0))
        .withMessage("schedule.delayNanos(1000): -7 (expected: >= 0)");
  }

  private static BackoffSchedule late() {
    return attempts -> attempts == 1_000 ? -7 : 5;
  }

  @Test
  void afterAdvisory_shorterThanTheSchedule_replacesIt() {
    assertThat(transitions.afterAdvisory(new BackoffState(4, 0, 35), 1, 0))
        .isEqualTo(new BackoffState(5, 1, 1));
    assertThat(transitions.afterAdvisory(null, 1, 50)).isEqualTo(new BackoffState(1, 1, 51));
  }

  @ParameterizedTest
  @CsvSource({"-30, 60", "500, 590", "9223372036854775807, 87"}) // never: from the last attempt
  void afterSuccess_anyState_outlivesItsRetryByTheTimeoutAndTheLease(long retry, long expires) {
    // min(idle timeout 100, twice the maximum delay 70) + the lease 20
    assertThat(transitions.afterSuccess(new BackoffState(3, -3, retry)).expiresAtNanos)
        .isEqualTo(expires);
  }

  @Test
  void afterSuccess_leasedPeer_outlivesTheLease() {
    Lease lease = leased(new BackoffState(3, -3, 500), 700);

    assertThat(transitions.afterSuccess(lease).expiresAtNanos).isEqualTo(720 + 90);
  }

  @Test
  void afterSuccess_noIdleTimeout_isRememberedForAWhile() {
    builder.idleTimeout(Duration.ofNanos(MAX));

    assertThat(new Transitions(builder).afterSuccess(new BackoffState(3, -3, 5)).expiresAtNanos)
        .isEqualTo(5 + 90);
  }

  @Test
  void leased_duePeer_changesOnlyTheNextRetry() {
    BackoffState state = new BackoffState(4, -3, 35);

    assertThat(Held.visible(leased(state, 40))).isEqualTo(new BackoffState(4, -3, 60));
    assertThat(Held.visible(leased(state, MAX - 5))).isEqualTo(new BackoffState(4, -3, MAX));
    assertThat(Held.outcome(leased(state, 40))).isSameAs(state);
  }

  @Test
  void leased_afterALapsedLease_hasTheSameBase() {
    BackoffState state = new BackoffState(4, -3, 35);
    Hold hold = new Hold(state, 30, 40);

    assertThat(leased(leased(hold, 40), 70).base()).isSameAs(hold);
    assertThat(Held.outcome(leased(hold, 40))).isSameAs(state);
  }

  @Test
  void postponed_peerThatCoolsLongerAnyway_isUnchanged() {
    BackoffState state = new BackoffState(4, -3, 35);
    Hold hold = new Hold(state, 1, 50);
    Lease lease = leased(hold, 60);

    assertThat(transitions.postponed(state, 0, 35)).isSameAs(state);
    assertThat(transitions.postponed(hold, 2, 50)).isSameAs(hold);
    assertThat(transitions.postponed(lease, 61, 50)).isSameAs(lease);
  }

  @Test
  void postponed_anyPeer_isHeldAndKeepsItsOutcome() {
    BackoffState state = new BackoffState(4, -3, 35);
    Recovered recovered = new Recovered(200);

    assertThat(transitions.postponed(null, 5, 55)).isEqualTo(new Hold(null, 5, 55));
    assertThat(transitions.postponed(state, 5, 55)).isEqualTo(new Hold(state, 5, 55));
    assertThat(transitions.postponed(recovered, 5, 55)).isEqualTo(new Hold(recovered, 5, 55));
    assertThat(transitions.postponed(new Hold(state, 1, 50), 5, 55))
        .isEqualTo(new Hold(state, 5, 55));
    assertThat(transitions.postponed(state, 135, 140))
        .as("idle: as absent")
        .isEqualTo(new Hold(null, 135, 140));
  }

  @Test
  void postponed_leasedPeer_isHeldBeneathTheLease() {
    BackoffState state = new BackoffState(4, -3, 35);
    Lease lease = leased(state, 200); // the state is idle, but a probe is in flight

    assertThat(transitions.postponed(lease, 201, 210))
        .as("for less than the lease")
        .isEqualTo(new Lease(new Hold(state, 201, 210), 200, 220, probe));
    Held longer = transitions.postponed(lease, 201, 300);
    assertThat(longer).isEqualTo(new Lease(new Hold(state, 201, 300), 200, 220, probe));
    assertThat(Held.visible(longer)).isEqualTo(new BackoffState(4, -3, 300));
  }

  @Test
  void expedited_coolingPeer_isHeldAndKeepsItsOutcome() {
    BackoffState state = new BackoffState(4, -3, 35);

    assertThat(transitions.expedited(state, 1, 20)).isEqualTo(new Hold(state, 1, 20));
    assertThat(transitions.expedited(new Hold(state, 1, 50), 2, 20))
        .isEqualTo(new Hold(state, 2, 20));
    assertThat(transitions.expedited(leased(state, 40), 41, 45)).isEqualTo(new Hold(state, 41, 45));
  }

  @Test
  void expedited_peerThatIsDueByThen_isUnchanged() {
    BackoffState state = new BackoffState(4, -3, 35);
    Recovered recovered = new Recovered(200);

    assertThat(transitions.expedited(recovered, 1, 20)).isSameAs(recovered);
    assertThat(transitions.expedited(state, 1, 35)).isSameAs(state);
  }

  @Test
  void isIdle_aroundTheTimeout_beginsThere() {
    BackoffState state = new BackoffState(4, -3, 35);

    assertThat(transitions.isIdle(state, 134)).isFalse();
    assertThat(transitions.isIdle(state, 135)).isTrue();
    assertThat(transitions.isIdle(new Hold(state, 5, 50), 149)).isFalse();
    assertThat(transitions.isIdle(new Hold(state, 5, 50), 150)).isTrue();
    assertThat(transitions.isIdle(leased(state, 40), 159)).isFalse();
    assertThat(transitions.isIdle(leased(state, 40), 160)).isTrue();
    assertThat(transitions.isIdle(new Recovered(200), 199)).isFalse();
    assertThat(transitions.isIdle(new Recovered(200), 200)).isTrue();
    assertThat(transitions.live(state, 135)).isNull();
    assertThat(transitions.live(state, 134)).isSameAs(state);
    assertThat(transitions.live(null, 0)).isNull();
  }

  @Test
  void isIdle_extremeTimes_doesNotOverflow() {
    BackoffState early = new BackoffState(1, Long.MIN_VALUE, Long.MIN_VALUE + 5);

    assertThat(transitions.isIdle(early, Long.MIN_VALUE + 104)).isFalse();
    assertThat(transitions.isIdle(early, MAX)).isTrue();
    assertThat(transitions.isIdle(new BackoffState(1, 0, MAX), MAX)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -9, 0, 9, MAX - 1})
  void isIdle_timeoutOfNever_isNever(long retry) {
    Transitions never = new Transitions(builder.idleTimeout(Duration.ofNanos(MAX)));

    assertThat(never.isIdle(new BackoffState(1, retry, retry), MAX)).isFalse();
  }

  @Test
  void afterFailure_delayOfZero_isDueAtOnce() {
    Transitions eager = new Transitions(builder.schedule(attempts -> 0));

    assertThat(eager.afterFailure(null, 5)).isEqualTo(new BackoffState(1, 5, 5));
  }

  @Test
  void reviewNanos_anyTimeout_isTheShorterOfBothTimes() {
    assertThat(transitions.reviewNanos()).as("70 and the lease").isEqualTo(90);
    assertThat(new Transitions(builder.idleTimeout(Duration.ofNanos(7))).reviewNanos())
        .isEqualTo(7);
  }
}
