package io.github.bytesandbrains.backoff.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is captured, and what time away makes of it. */
final class PortableSnapshotTest {
  private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE);
  private static final Duration LEASE = Duration.ofSeconds(10);

  private final FakeWallClock wallClock = new FakeWallClock();
  private final FakeClock before = new FakeClock();
  private final FakeClock after = new FakeClock(); // another process, with another origin
  private final ConcurrentBackoffTable<String> old = table(before);
  private final ConcurrentBackoffTable<String> young = table(after);

  private static ConcurrentBackoffTable<String> table(FakeClock clock) {
    return ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofSeconds(20), Duration.ofSeconds(60)))
        .probeLease(LEASE)
        .idleTimeout(Duration.ofSeconds(100))
        .nanoTime(clock)
        .build();
  }

  private int restart(Duration away) {
    return restart(away, Duration.ZERO);
  }

  private int restart(Duration away, Duration spread) {
    PortableSnapshot<String> snapshot = PortableSnapshot.capture(old, wallClock);
    wallClock.advance(away);
    return snapshot.restoreInto(young, wallClock, spread);
  }

  private long attempts(String peer) {
    return young.state(peer).map(BackoffState::attempts).orElse(0);
  }

  @Test
  void capture_coolingPeer_holdsDurations() {
    old.recordFailure("p");
    before.advance(Duration.ofSeconds(5));

    PortableSnapshot<String> snapshot = PortableSnapshot.capture(old, wallClock);

    assertThat(snapshot.capturedAt()).isEqualTo(Instant.parse("2026-11-27T10:00:00.123Z"));
    assertThat(snapshot.peers())
        .containsExactly(
            Map.entry("p", new PortableState(1, Duration.ofSeconds(5), Duration.ofSeconds(15))));
  }

  @Test
  void capture_duePeer_hasNegativeRemaining() {
    old.recordFailure("p");
    before.advance(Duration.ofSeconds(27));

    assertThat(PortableSnapshot.capture(old, wallClock).peers())
        .containsEntry("p", new PortableState(1, Duration.ofSeconds(27), Duration.ofSeconds(-7)));
  }

  @Test
  void capture_neverToBeRetried_hasNoRemaining() {
    old.restoreState("p", new BackoffState(3, before.getAsLong(), Long.MAX_VALUE));

    assertThat(PortableSnapshot.capture(old, wallClock).peers())
        .containsEntry("p", new PortableState(3, Duration.ZERO, null));
  }

  @Test
  void capture_probeInFlight_isDue() {
    old.recordFailure("p");
    before.advance(Duration.ofSeconds(20));
    assertThat(old.tryAcquire("p")).isPresent();

    assertThat(PortableSnapshot.capture(old, wallClock).peers())
        .containsEntry("p", new PortableState(1, Duration.ofSeconds(20), Duration.ZERO));
  }

  @Test
  void capture_postponedBeyondTheLeaseOfAProbe_keepsThePostponement() {
    old.recordFailure("p");
    before.advance(Duration.ofSeconds(20));
    assertThat(old.tryAcquire("p")).isPresent();
    old.postpone("p", Duration.ofSeconds(30));

    assertThat(PortableSnapshot.capture(old, wallClock).peers())
        .containsEntry("p", new PortableState(1, Duration.ofSeconds(20), Duration.ofSeconds(30)));
  }

  @Test
  void restoreInto_noTimeAway_continuesAttemptsAndDelay() {
    old.recordFailure("p");
    old.recordFailure("p");

    assertThat(restart(Duration.ZERO)).isEqualTo(1);

    assertThat(attempts("p")).isEqualTo(2);
    assertThat(young.remaining("p")).isEqualTo(Duration.ofSeconds(40));
    assertThat(young.recordFailure("p").attempts()).isEqualTo(3);
  }

  @Test
  void restoreInto_timeAway_counts() {
    old.recordFailure("p");
    before.advance(Duration.ofSeconds(2));

    restart(Duration.ofSeconds(7));

    assertThat(young.remaining("p")).isEqualTo(Duration.ofSeconds(11));
    assertThat(after.getAsLong() - young.state("p").orElseThrow().lastAttemptNanos())
        .isEqualTo(Duration.ofSeconds(9).toNanos());
  }

  @Test
  void restoreInto_clockSetBack_countsAsNoTime() {
    old.recordFailure("p");

    restart(Duration.ofDays(400).negated());

    assertThat(young.remaining("p")).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void restoreInto_overdueForTheIdleTimeout_isLeftOut() {
    old.recordFailure("p");

    assertThat(restart(Duration.ofMinutes(2))).isZero();

    assertThat(young.isEmpty()).isTrue();
  }

  @Test
  void restoreInto_overdueForLess_isDue() {
    old.recordFailure("p");

    assertThat(restart(Duration.ofMinutes(2).minusNanos(1))).isEqualTo(1);

    assertThat(young.shouldRetry("p")).isTrue();
    assertThat(attempts("p")).isEqualTo(1);
  }

  @Test
  void restoreInto_idleTimeoutOfNever_keepsWhatIsOverdueForAges() {
    ConcurrentBackoffTable<String> patient =
        ConcurrentBackoffTable.builder().idleTimeout(NEVER).nanoTime(after).build();
    old.recordFailure("p");
    PortableSnapshot<String> snapshot = PortableSnapshot.capture(old, wallClock);
    wallClock.advance(Duration.ofDays(200_000));

    assertThat(snapshot.restoreInto(patient, wallClock, Duration.ZERO)).isEqualTo(1);
  }

  @Test
  void restoreInto_neverToBeRetried_staysSo() {
    old.restoreState("p", new BackoffState(3, before.getAsLong(), Long.MAX_VALUE));

    restart(Duration.ofDays(3650));

    assertThat(young.remaining("p")).isEqualTo(NEVER);
  }

  @Test
  void restoreInto_peerThatIsTrackedAlready_keepsWhatIsNewer() {
    old.recordFailure("p");
    for (int i = 0; i < 9; i++) {
      young.recordFailure("p");
    }

    assertThat(restart(Duration.ZERO)).isZero();

    assertThat(attempts("p")).isEqualTo(9);
  }

  @Test
  void restoreInto_postponedPeer_isTrackedWithoutAttempts() {
    old.postpone("p", Duration.ofSeconds(30));

    restart(Duration.ofSeconds(10));

    assertThat(attempts("p")).isZero();
    assertThat(young.remaining("p")).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void restoreInto_manyDuePeers_areSpreadEvenly() {
    Map<String, PortableState> due = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      due.put("p" + i, new PortableState(2, Duration.ofSeconds(9), Duration.ofSeconds(-1)));
    }

    new PortableSnapshot<>(wallClock.instant(), due)
        .restoreInto(young, wallClock, Duration.ofSeconds(1));

    int[] perTenth = new int[10];
    young.forEach(
        (peer, state) -> perTenth[(int) (state.remainingNanos(after.getAsLong()) / 100_000_000)]++);
    assertThat(Arrays.stream(perTenth)).allMatch(count -> count >= 95 && count <= 105);
  }

  @Test
  void restoreInto_delaysBeyondNanoseconds_saturate() {
    Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
    Map<String, PortableState> peers = Map.of(
        "late",
        new PortableState(1, ages, ages.negated()),
        "far",
        new PortableState(1, ages, ages));

    new PortableSnapshot<>(wallClock.instant(), peers).restoreInto(young, wallClock, Duration.ZERO);

    assertThat(young.state("late")).isEmpty();
    assertThat(young.state("far").orElseThrow().remainingNanos(after.getAsLong()))
        .isGreaterThanOrEqualTo(Long.MAX_VALUE - Math.max(0, after.getAsLong()));
  }

  @Test
  void restoreInto_negativeSpread_isAClearError() {
    PortableSnapshot<String> snapshot = PortableSnapshot.capture(old, wallClock);

    assertThatThrownBy(() -> snapshot.restoreInto(young, wallClock, Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("spread: PT-1S (expected: >= 0)");
  }

  @Test
  void portableState_badValues_areClearErrors() {
    assertThatThrownBy(() -> new PortableState(-1, Duration.ZERO, null))
        .hasMessage("attempts: -1 (expected: >= 0)");
    assertThatThrownBy(() -> new PortableState(1, Duration.ofNanos(-1), null))
        .hasMessage("age: PT-0.000000001S (expected: >= 0)");
  }
}
