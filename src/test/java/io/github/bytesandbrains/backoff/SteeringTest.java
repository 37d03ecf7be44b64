package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The verbs that are not outcomes: postpone, expedite, expediteAll, forget, replaceState. */
final class SteeringTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  private Permit acquire(String peer) {
    return table.tryAcquire(peer).orElseThrow();
  }

  private void fail(String peer, int times) {
    for (int i = 0; i < times; i++) {
      table.recordFailure(peer);
    }
  }

  @Test
  void postpone_untrackedPeer_isTrackedWithoutAttempts() {
    assertThat(table.postpone("a", SECOND)).isTrue();

    long now = clock.getAsLong();
    assertThat(table.state("a")).contains(new BackoffState(0, now, now + SECOND.toNanos()));
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.tryAcquire("a")).isEmpty();
    IndexAssertions.assertIndexed(table);

    clock.advance(SECOND);
    assertThat(acquire("a").recordFailure()).isTrue();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  @Test
  void postpone_coolingPeer_neverShortens() {
    fail("a", 10);
    BackoffState before = table.state("a").orElseThrow();

    assertThat(table.postpone("a", SECOND)).isFalse();
    assertThat(table.state("a")).containsSame(before);
    assertThat(table.postpone("a", Duration.ofSeconds(30))).isTrue();
    assertThat(table.postpone("a", clock.getAsLong(), SECOND.toNanos())).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(10);
  }

  @Test
  void postpone_byNothing_changesNothing() {
    assertThat(table.postpone("a", Duration.ZERO)).isFalse();
    Permit early = acquire("b");
    fail("b", 1);
    table.recordSuccess("b");
    assertThat(early.recordRemoteAdvisory(Duration.ofSeconds(-5))).isFalse();

    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().staleAdvisories()).isZero();
  }

  @Test
  void postpone_beyondMaxAdvisory_isNotBounded() {
    table.postpone("a", Duration.ofDays(400));
    assertThat(table.remaining("a")).isEqualTo(Duration.ofDays(400));

    clock.set(5);
    table.postpone("b", Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(table.state("b").orElseThrow().nextRetryNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void postpone_negative_isRejectedAndChangesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.postpone("a", Duration.ofSeconds(-1)))
        .withMessage("delay: PT-1S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.postpone("a", 0, -1))
        .withMessage("delayNanos: -1 (expected: >= 0)");
    assertThat(table.isEmpty()).isTrue();
  }

  /** A hold is not an outcome, so sends that were in flight still count by the rule. */
  @Test
  void postpone_sendsInFlight_stillCount() {
    Permit healthy = acquire("a");
    table.postpone("a", SECOND);
    assertThat(healthy.recordSuccess()).isTrue();
    assertThat(table.remaining("a")).as("a healthy success changes nothing").isEqualTo(SECOND);

    fail("b", 1);
    clock.advance(Duration.ofMillis(10));
    Permit probe = acquire("b");
    table.postpone("b", SECOND);
    assertThat(probe.recordSuccess()).isTrue();
    assertThat(table.state("b")).as("a success forgets the peer").isEmpty();
  }

  @Test
  void postpone_whileAProbeIsInFlight_outlastsItsRelease() {
    fail("a", 1);
    clock.advance(Duration.ofMillis(10));
    Permit probe = acquire("a");
    assertThat(table.postpone("a", SECOND)).isTrue();
    assertThat(table.isProbing("a")).isTrue();

    assertThat(probe.release()).isTrue();

    assertThat(table.isProbing("a")).isFalse();
    assertThat(table.remaining("a")).isEqualTo(SECOND);
    assertThat(probe.recordFailure()).as("and still counts").isTrue();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
  }

  @Test
  void postpone_recoveredPeer_keepsTheRecovery() {
    Permit early = acquire("a");
    fail("a", 1);
    table.recordSuccess("a");
    table.postpone("a", SECOND);

    assertThat(early.recordFailure()).isFalse();
    assertThat(table.state("a").orElseThrow().attempts()).isZero();
    clock.advance(Duration.ofSeconds(2));
    assertThat(table.recordSuccess("a")).isTrue();
    assertThat(table.isEmpty()).isTrue();
    IndexAssertions.assertIndexed(table);
  }

  @Test
  void postpone_idlePeer_startsWithoutAttempts() {
    fail("a", 5);
    clock.advance(Duration.ofDays(1));

    table.postpone("a", SECOND);

    assertThat(table.state("a").orElseThrow().attempts()).isZero();
  }

  @Test
  void expedite_coolingPeer_isDueNowWithItsAttempts() {
    fail("a", 10);

    assertThat(table.expedite("a")).isTrue();

    assertThat(table.remaining("a")).isZero();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(10);
    Permit probe = acquire("a");
    assertThat(table.tryAcquire("a")).as("one probe").isEmpty();
    assertThat(probe.recordFailure()).isTrue();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(11);
  }

  @Test
  void expedite_untrackedRecoveredOrIdle_returnsFalse() {
    assertThat(table.expedite("a")).isFalse();
    assertThat(table.expedite("a", clock.getAsLong())).isFalse();
    fail("a", 1);
    table.recordSuccess("a");
    assertThat(table.expedite("a", clock.getAsLong())).isFalse();
    fail("a", 1);
    clock.advance(Duration.ofDays(1));
    assertThat(table.expedite("a")).isFalse();
    assertThat(table.stats().lapsedProbes()).isZero();
  }

  @Test
  void expedite_duePeer_changesNothing() {
    fail("a", 1);
    BackoffState before = table.state("a").orElseThrow();
    clock.advance(SECOND);

    assertThat(table.expedite("a")).isTrue();
    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void expedite_leasedPeer_admitsAnotherProbeAndTheFirstOutcomeCounts() {
    fail("a", 3);
    clock.advance(Duration.ofMillis(40));
    Permit doomed = acquire("a");

    assertThat(table.expedite("a")).isTrue();
    assertThat(table.isProbing("a")).isFalse();
    assertThat(table.stats().lapsedProbes()).isEqualTo(1);
    Permit fresh = acquire("a");
    assertThat(fresh.recordSuccess()).isTrue();

    assertThat(doomed.recordFailure()).as("it began before the recovery").isFalse();
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void expediteAll_tenThousandCoolingPeers_areSpreadEvenlyWithOneProbeEach() {
    ConcurrentBackoffTable<Integer> many =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    for (int peer = 0; peer < 10_000; peer++) {
      many.restoreState(
          peer,
          new BackoffState(
              1 + peer % 30,
              clock.getAsLong(),
              clock.getAsLong() + Duration.ofHours(1).toNanos()));
    }

    assertThat(many.expediteAll(SECOND)).isEqualTo(10_000);

    long now = clock.getAsLong();
    Map<Long, AtomicInteger> perTenMillis = new HashMap<>();
    many.forEach((peer, state) -> {
      assertThat(state.attempts()).isEqualTo(1 + peer % 30);
      assertThat(state.remainingNanos(now)).isLessThanOrEqualTo(SECOND.toNanos());
      perTenMillis
          .computeIfAbsent(state.remainingNanos(now) / 10_000_000, slot -> new AtomicInteger())
          .incrementAndGet();
    });
    assertThat(perTenMillis.values())
        .allSatisfy(peers -> assertThat(peers.get()).isLessThanOrEqualTo(300));

    clock.advance(SECOND);
    for (int peer = 0; peer < 10_000; peer++) {
      assertThat(many.tryAcquire(peer)).isPresent();
      assertThat(many.tryAcquire(peer)).isEmpty();
    }
    assertThat(many.stats().probes()).isEqualTo(10_000);
  }

  @Test
  void expediteAll_peersThatAreDueEarlier_areNotPostponed() {
    fail("soon", 1);
    fail("late", 20);
    table.recordFailure("recovered");
    table.recordSuccess("recovered");
    fail("idle", 1);
    long now = clock.getAsLong();

    assertThat(table.expediteAll(now, 0)).isEqualTo(3);
    assertThat(table.expediteAll(now, 0)).as("all are due").isZero();
    fail("soon", 1);
    assertThat(table.expediteAll(now, Duration.ofHours(1).toNanos()))
        .as("it is due in 20 ms anyway")
        .isLessThanOrEqualTo(1);
    assertThat(table.remaining("soon")).isLessThanOrEqualTo(Duration.ofMillis(20));
  }

  @Test
  void expediteAll_leasedPeer_isDueWithinTheSpread() {
    fail("a", 12);
    clock.advance(Duration.ofMinutes(1));
    Permit doomed = acquire("a");

    assertThat(table.expediteAll(SECOND)).isEqualTo(1);

    clock.advance(SECOND);
    assertThat(acquire("a").recordSuccess()).isTrue();
    assertThat(doomed.recordFailure()).isFalse();
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void expediteAll_negative_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.expediteAll(Duration.ofSeconds(-1)))
        .withMessage("spread: PT-1S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.expediteAll(0, -1))
        .withMessage("spreadNanos: -1 (expected: >= 0)");
  }

  @Test
  void forget_trackedPeer_isASuccessThatIsNotCounted() {
    Permit early = acquire("a");
    fail("a", 3);

    assertThat(table.forget("a")).isTrue();
    assertThat(table.forget("a")).isFalse();
    assertThat(table.forget("b")).isFalse();

    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().successes()).isZero();
    assertThat(early.recordFailure()).as("it began before").isFalse();
  }

  @Test
  void replaceState_expectedState_isReplacedByEquality() {
    BackoffState first = table.recordFailure("a");
    BackoffState next = new BackoffState(7, 1, clock.getAsLong() + 5);

    assertThat(table.replaceState("a", next, first)).isFalse();
    assertThat(table.replaceState("a", null, next)).isFalse();
    assertThat(table.replaceState(
            "a", new BackoffState(1, first.lastAttemptNanos(), first.nextRetryNanos()), next))
        .isTrue();
    assertThat(table.state("a")).contains(next);
    assertThat(table.replaceState("a", next, null)).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().successes()).isZero();
  }

  @Test
  void replaceState_untracked_isNull() {
    BackoffState next = new BackoffState(7, 1, clock.getAsLong() + 5);

    assertThat(table.replaceState("a", null, null)).isTrue();
    assertThat(table.replaceState("a", next, null)).isFalse();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.replaceState("a", null, next)).isTrue();
    assertThat(table.replaceState("a", null, null)).isFalse();
    IndexAssertions.assertIndexed(table);

    table.recordSuccess("a");
    assertThat(table.replaceState("a", null, null)).as("recovered").isTrue();
    assertThat(table.replaceState("a", null, next)).as("recovered").isTrue();
    assertThat(table.state("a")).contains(next);
  }

  /** A restored state is an outcome of its own, even if it equals the one before. */
  @Test
  void restoreState_sameState_makesSendsInFlightStale() {
    BackoffState state = table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));
    Permit probe = acquire("a");
    table.restoreState("a", state);

    assertThat(probe.recordFailure()).isFalse();
    clock.advance(Duration.ofMillis(10));
    Permit next = acquire("a");
    assertThat(table.replaceState("a", table.state("a").orElseThrow(), state)).isTrue();
    assertThat(next.recordSuccess()).isFalse();
  }
}
