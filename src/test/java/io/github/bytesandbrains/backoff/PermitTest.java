package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PermitTest {
  private static final Duration LEASE = Duration.ofSeconds(3);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().probeLease(LEASE).nanoTime(clock).build();

  private Permit acquire(String peer) {
    return table.tryAcquire(peer).orElseThrow();
  }

  /** Makes the peer due: its cooldown has just ended. */
  private BackoffState due(String peer) {
    BackoffState state = table.recordFailure(peer);
    clock.advance(Duration.ofMillis(10));
    return state;
  }

  @Test
  void tryAcquire_untrackedPeer_admitsAnyNumber() {
    List<Permit> permits = IntStream.range(0, 64).mapToObj(i -> acquire("a")).toList();

    assertThat(permits).hasSize(64);
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().granted()).isEqualTo(64);
    assertThat(table.stats().probes()).isZero();
  }

  @Test
  void tryAcquire_untrackedPeerAtAGivenTime_isAdmittedToo() {
    Permit permit = table.tryAcquire("a", clock.getAsLong()).orElseThrow();

    assertThat(table.stats().granted()).isEqualTo(1);
    assertThat(table.stats().probes()).isZero();
    assertThat(permit.recordFailure()).isTrue();
  }

  @Test
  void tryAcquire_anotherTakesTheProbeJustBefore_isDenied() {
    ConcurrentBackoffTable<HookedPeer> shared =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    HookedPeer peer = new HookedPeer();
    shared.recordFailure(peer);
    long due = clock.getAsLong() + Duration.ofMillis(10).toNanos();

    // The second look-up is the one that replaces the state by the lease.
    peer.hookAfter(1, () -> assertThat(shared.tryAcquire(peer, due)).isPresent());

    assertThat(shared.tryAcquire(peer, due)).isEmpty();
    assertThat(shared.stats().probes()).isEqualTo(1);
    assertThat(shared.stats().denied()).isEqualTo(1);
  }

  @Test
  void tryAcquire_coolingPeer_isDenied() {
    table.recordFailure("a");

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(table.tryAcquire("a", clock.getAsLong() + 9_999_999)).isEmpty();
    assertThat(table.stats().denied()).isEqualTo(2);
    assertThat(table.stats().granted()).isZero();
  }

  @Test
  void tryAcquire_duePeer_admitsOneProbeAndLeasesThePeerToIt() {
    BackoffState before = due("a");
    long now = clock.getAsLong();

    Permit probe = acquire("a");

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(table.shouldRetry("a")).isFalse();
    assertThat(table.shouldRetry("a", now)).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(table.isProbing("a")).isTrue();
    assertThat(table.state("a"))
        .contains(new BackoffState(1, before.lastAttemptNanos(), now + LEASE.toNanos()));
    assertThat(table.stats().probes()).isEqualTo(1);
    assertThat(probe.recordSuccess()).isTrue();
  }

  @Test
  void tryAcquire_probeLeaseNotSet_isTenSeconds() {
    ConcurrentBackoffTable<String> standard =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    standard.recordFailure("a");
    clock.advance(Duration.ofMillis(10));

    assertThat(standard.tryAcquire("a")).isPresent();
    assertThat(standard.probeLease()).isEqualTo(Duration.ofSeconds(10));
    clock.advance(Duration.ofSeconds(10).minusNanos(1));
    assertThat(standard.shouldRetry("a")).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(standard.shouldRetry("a")).isTrue();
  }

  @Test
  void recordFailure_sixtyFourSendsInFlight_isOneStep() {
    List<Permit> inFlight = IntStream.range(0, 64).mapToObj(i -> acquire("a")).toList();

    long counted = inFlight.stream().filter(Permit::recordFailure).count();

    assertThat(counted).isEqualTo(1);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(table.stats().failures()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isEqualTo(63);
  }

  @Test
  void recordSuccess_lateOne_clearsNothing() {
    Permit late = acquire("a");
    acquire("a").recordFailure();

    assertThat(late.recordSuccess()).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
    assertThat(table.stats().successes()).isZero();
  }

  @Test
  void recordSuccess_untrackedPeer_countsAndChangesNothing() {
    assertThat(acquire("a").recordSuccess()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(IndexAssertions.mapped(table))
        .as("a healthy peer costs no memory")
        .isEmpty();
    assertThat(table.stats().successes()).as("no peer was forgotten").isZero();
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void recordSuccess_probe_forgetsThePeer() {
    due("a");

    assertThat(acquire("a").recordSuccess()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().successes()).isEqualTo(1);
  }

  @Test
  void recordFailure_probe_isTheNextStepOfTheSchedule() {
    due("a");
    Permit probe = acquire("a");
    clock.advance(Duration.ofSeconds(1));

    assertThat(probe.recordFailure()).isTrue();
    assertThat(table.state("a"))
        .contains(new BackoffState(
            2, clock.getAsLong(), clock.getAsLong() + Duration.ofMillis(20).toNanos()));
    assertThat(table.stats().successes()).isZero();
  }

  @Test
  void recordFailure_explicitTime_isThatTime() {
    due("a");
    long now = clock.getAsLong();
    Permit probe = table.tryAcquire("a", now).orElseThrow();

    assertThat(probe.recordFailure(now + 5)).isTrue();
    assertThat(table.state("a")).contains(new BackoffState(2, now + 5, now + 5 + 20_000_000));
  }

  @Test
  void recordRemoteAdvisory_probe_imposesTheRequestedDelay() {
    due("a");
    assertThat(acquire("a").recordRemoteAdvisory(Duration.ofSeconds(7))).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(7));

    assertThat(acquire("b").recordRemoteAdvisory(clock.getAsLong(), Long.MAX_VALUE))
        .isTrue();
    assertThat(table.remaining("b")).isEqualTo(Duration.ofSeconds(60));
    assertThat(table.stats().advisories()).isEqualTo(2);
    assertThat(table.stats().clampedAdvisories()).isEqualTo(1);
  }

  @Test
  void recordRemoteAdvisory_negative_countsAsZero() {
    assertThat(acquire("a").recordRemoteAdvisory(Duration.ofMillis(-1))).isTrue();
    assertThat(table.state("a"))
        .contains(new BackoffState(1, clock.getAsLong(), clock.getAsLong()));

    assertThat(acquire("b").recordRemoteAdvisory(clock.getAsLong(), Long.MIN_VALUE))
        .isTrue();
    assertThat(table.shouldRetry("b")).isTrue();
  }

  @Test
  void release_probe_givesItsLeaseBackAtOnce() {
    BackoffState before = due("a");
    Permit probe = acquire("a");
    assertThat(table.tryAcquire("a")).isEmpty();

    assertThat(probe.release()).isTrue();

    assertThat(table.state("a")).containsSame(before);
    assertThat(acquire("a").recordSuccess()).isTrue();
    assertThat(table.stats().lapsedProbes()).isZero();
  }

  @Test
  void release_probeAfterALongTime_letsThePeerBecomeIdle() {
    due("a");
    Permit probe = acquire("a");
    clock.advance(Duration.ofSeconds(121));
    table.cleanUp();
    assertThat(table.size()).as("not idle while leased").isEqualTo(1);

    assertThat(probe.release()).isTrue();
    table.cleanUp();

    assertThat(table.isEmpty()).isTrue();
    assertThat(table.index.peers()).isEmpty();
  }

  @Test
  void release_probeOfAPeerThatFailedMeanwhile_returnsFalse() {
    due("a");
    Permit probe = acquire("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(probe.release()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).as("no outcome").isZero();
    assertThat(table.stats().releasedProbes()).isZero();
  }

  @Test
  void release_untrackedPeer_changesNothing() {
    Permit permit = acquire("a");
    table.recordFailure("a");

    assertThat(permit.release()).isTrue();
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void close_withoutAnOutcome_isReleased() {
    BackoffState before = due("a");

    try (Permit probe = acquire("a")) {
      assertThat(probe).isNotNull();
      assertThat(table.tryAcquire("a")).isEmpty();
    }

    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void close_afterAnOutcome_changesNothing() {
    due("a");

    try (Permit probe = acquire("a")) {
      probe.recordFailure();
    }

    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
    assertThat(table.shouldRetry("a")).isFalse();
  }

  @Test
  void outcome_second_isIgnored() {
    Permit permit = acquire("a");
    assertThat(permit.recordFailure()).isTrue();
    BackoffStats stats = table.stats();
    BackoffState state = table.state("a").orElseThrow();

    assertThat(permit.recordFailure()).isFalse();
    assertThat(permit.recordSuccess()).isFalse();
    assertThat(permit.recordRemoteAdvisory(Duration.ZERO)).isFalse();
    assertThat(permit.release()).isFalse();
    permit.close();

    assertThat(table.state("a")).containsSame(state);
    assertThat(table.stats()).isEqualTo(stats);
  }

  /** The success is the permit's one outcome, although it changed nothing. */
  @Test
  void recordFailure_afterASuccessThatChangedNothing_isIgnored() {
    Permit permit = acquire("a");
    assertThat(permit.recordSuccess()).isTrue();

    assertThat(permit.recordFailure()).isFalse();
    assertThat(table.snapshot()).isEmpty();
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void probe_slowerThanItsLease_isStillHeard() {
    due("a");
    Permit slow = acquire("a");

    clock.advance(LEASE.minusNanos(1));
    assertThat(table.tryAcquire("a")).isEmpty();
    clock.advance(Duration.ofNanos(1));
    Permit next = acquire("a");

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(table.stats().lapsedProbes()).isEqualTo(1);
    assertThat(slow.recordSuccess()).as("no other outcome came in between").isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(next.recordFailure()).as("the success did").isFalse();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void probe_threeOfOneLeaseChain_areOneStep() {
    due("a");
    List<Permit> chain = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      chain.add(acquire("a"));
      clock.advance(LEASE);
    }

    assertThat(chain.get(1).recordFailure()).isTrue();
    assertThat(chain.get(0).recordFailure()).isFalse();
    assertThat(chain.get(2).recordSuccess()).isFalse();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
    assertThat(table.stats().lapsedProbes()).isEqualTo(2);
  }

  @Test
  void probe_slowerThanItsLeaseWithoutASuccessor_counts() {
    due("a");
    Permit probe = acquire("a");
    clock.advance(LEASE.multipliedBy(5));

    assertThat(probe.recordSuccess()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().lapsedProbes()).isZero();
  }

  @Test
  void probe_peerFailedMeanwhile_isStale() {
    due("a");
    Permit probe = acquire("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(probe.recordSuccess()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void probe_peerForgottenMeanwhile_isStale() {
    due("a");
    Permit probe = acquire("a");
    table.recordSuccess("a");

    assertThat(probe.recordFailure()).isFalse();
    assertThat(table.isEmpty()).isTrue();
  }

  /** If states were compared by attempts, this late failure would count. */
  @Test
  void recordFailure_sameAttemptsButAnotherState_isStale() {
    due("a");
    Permit old = acquire("a");
    table.recordSuccess("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(newer.attempts()).isEqualTo(1);
    assertThat(old.recordFailure()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void tryAcquire_untrackedPeer_readsNoClock() {
    ConcurrentBackoffTable<String> clockless = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          throw new IllegalStateException("clock is broken");
        })
        .build();

    Permit permit = clockless.tryAcquire("a").orElseThrow();
    assertThatThrownBy(permit::recordFailure).hasMessage("clock is broken");
    assertThat(clockless.isEmpty()).isTrue();
    assertThat(permit.recordFailure(clock.getAsLong())).as("still open").isTrue();
    assertThatThrownBy(() -> clockless.tryAcquire("a")).hasMessage("clock is broken");
  }

  @Test
  void remaining_whileAProbeIsInFlight_isAtMostTheFirstDelay() {
    due("a");
    Permit probe = acquire("a");

    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    clock.advance(LEASE.minusMillis(4));
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(4));
    clock.advance(Duration.ofMillis(4));
    assertThat(table.remaining("a")).as("the lease has expired").isZero();
    assertThat(table.isProbing("a")).isFalse();
    assertThat(probe.recordSuccess()).isTrue();
  }

  @Test
  void remaining_firstDelayOfZero_isNotZeroWhileAProbeIsInFlight() {
    ConcurrentBackoffTable<String> eager =
        ConcurrentBackoffTable.builder().schedule(attempts -> 0).nanoTime(clock).build();
    eager.recordFailure("a");
    assertThat(eager.tryAcquire("a")).isPresent();

    assertThat(eager.remaining("a")).isEqualTo(Duration.ofNanos(1));
    assertThat(eager.remaining("a", clock.getAsLong())).isEqualTo(1);
  }

  @Test
  void acquire_coolingPeer_throwsWhenToAskAgain() {
    assertThat(table.acquire("a").recordFailure()).isTrue();

    assertThatThrownBy(() -> table.acquire("a"))
        .isInstanceOf(PeerCoolingException.class)
        .hasMessage("a is cooling for another PT0.01S");
    assertThatThrownBy(() -> table.acquire("a", clock.getAsLong() + 4_000_000))
        .hasMessage("a is cooling for another PT0.006S");
    assertThat(table.acquire("a", clock.getAsLong() + 10_000_000).recordSuccess())
        .isTrue();
  }

  @Test
  void record_eachOutcome_actsAsItsVerb() {
    assertThat(acquire("a").record(Outcome.failure())).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(acquire("b").record(Outcome.advisory(Duration.ofSeconds(3)))).isTrue();
    assertThat(table.remaining("b")).isEqualTo(Duration.ofSeconds(3));
    clock.advance(Duration.ofSeconds(3));
    assertThat(acquire("a").record(Outcome.success())).isTrue();
    assertThat(acquire("b").record(Outcome.none())).isTrue();
    assertThat(table.snapshot()).containsOnlyKeys("b");
    assertThat(acquire("b").record(Outcome.failure(), clock.getAsLong() + 1)).isTrue();
    assertThat(table.state("b").orElseThrow().lastAttemptNanos()).isEqualTo(clock.getAsLong() + 1);
  }

  @Test
  void release_thenAnOutcome_countsByTheRule() {
    due("a");
    Permit probe = acquire("a");
    probe.close();
    assertThat(table.shouldRetry("a")).isTrue();

    assertThat(probe.recordFailure()).isTrue();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
    assertThat(probe.release()).isFalse();
    assertThat(probe.recordFailure()).as("the second outcome").isFalse();
  }

  @Test
  void release_twice_isOnce() {
    due("a");
    Permit probe = acquire("a");
    assertThat(probe.release()).isTrue();
    Permit next = acquire("a");

    assertThat(probe.release()).isFalse();
    assertThat(table.isProbing("a")).as("the lease of the next").isTrue();
    assertThat(probe.recordFailure()).isTrue();
    assertThat(next.recordFailure()).isFalse();
  }

  @Test
  void recordFailure_idlePeer_startsAtOneAttempt() {
    for (int i = 0; i < 14; i++) {
      table.recordFailure("a");
    }
    clock.advance(Duration.ofDays(1));

    Permit permit = acquire("a");
    assertThat(table.stats().probes()).as("an idle peer is healthy").isZero();
    assertThat(permit.recordFailure()).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void toString_eachStatus_showsIt() {
    due("a");
    Permit probe = acquire("a");
    assertThat(probe).hasToString("Permit[peer=a, probe, open]");
    probe.close();
    assertThat(probe).hasToString("Permit[peer=a, probe, released]");
    probe.recordFailure();
    assertThat(probe).hasToString("Permit[peer=a, probe, reported]");
    assertThat(acquire("b")).hasToString("Permit[peer=b, open]");
  }

  @Test
  void record_staleOrSecondOutcome_returnsFalse() {
    Permit late = acquire("a");
    Permit later = acquire("a");
    table.recordFailure("a");

    assertThat(late.record(Outcome.failure())).isFalse();
    assertThat(later.record(Outcome.success())).isFalse();
    assertThat(later.record(Outcome.none())).isFalse();
    assertThat(acquire("b").record(Outcome.none())).isTrue();
  }

  @Test
  void record_successOrNone_readsNoClock() {
    ConcurrentBackoffTable<String> clockless = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          throw new IllegalStateException("clock is broken");
        })
        .build();

    assertThat(clockless.acquire("a").record(Outcome.success())).isTrue();
    assertThat(clockless.acquire("a").record(Outcome.none())).isTrue();
    Permit permit = clockless.acquire("a");
    assertThatThrownBy(() -> permit.record(Outcome.failure())).hasMessage("clock is broken");
    assertThatThrownBy(() -> permit.record(Outcome.advisory(Duration.ZERO)))
        .hasMessage("clock is broken");
  }

  @Test
  void isProbing_aroundTheLease_endsWithIt() {
    due("a");
    long now = clock.getAsLong();
    assertThat(table.isProbing("a", now)).isFalse();
    acquire("a");

    assertThat(table.isProbing("a", now)).isTrue();
    assertThat(table.isProbing("a", now + LEASE.toNanos() - 1)).isTrue();
    assertThat(table.isProbing("a", now + LEASE.toNanos())).isFalse();
    assertThat(table.isProbing("b", now)).isFalse();
  }

  @Test
  void release_permitOfAHealthyPeer_onlyOnceAndNotAfterAnOutcome() {
    Permit permit = acquire("a");
    assertThat(permit.release()).isTrue();
    assertThat(permit.release()).isFalse();

    Permit failed = acquire("a");
    failed.recordFailure();
    assertThat(failed.release()).isFalse();
    assertThat(table.stats().releasedProbes()).isZero();
  }

  @Test
  void release_probeThatLapsed_leavesTheLeaseOfTheNext() {
    due("a");
    Permit slow = acquire("a");
    clock.advance(LEASE);
    acquire("a");

    assertThat(slow.release()).isFalse();

    assertThat(table.isProbing("a")).isTrue();
    assertThat(table.stats().releasedProbes()).isZero();
    assertThat(slow).hasToString("Permit[peer=a, probe, released]");
  }

  @Test
  void release_probeOfAnEvictedPeer_isReleased() {
    due("a");
    Permit probe = acquire("a");
    table.restoreState("a", new BackoffState(1, Long.MIN_VALUE, Long.MIN_VALUE));
    table.cleanUp();

    assertThat(probe.release()).isFalse();
    assertThat(probe).hasToString("Permit[peer=a, probe, released]");
    assertThat(probe.recordFailure()).as("as of an untracked peer").isTrue();
  }

  @Test
  void recordRemoteAdvisory_staleAndTooLong_isCountedAsClamped() {
    Permit first = acquire("a");
    Permit second = acquire("a");
    Permit third = acquire("a");
    first.recordRemoteAdvisory(Duration.ofHours(1));
    assertThat(second.recordRemoteAdvisory(Duration.ofHours(1))).isFalse();
    assertThat(third.recordRemoteAdvisory(Duration.ofSeconds(1))).isFalse();

    assertThat(second.recordRemoteAdvisory(Duration.ofHours(1)))
        .as("a second outcome")
        .isFalse();

    assertThat(table.stats().clampedAdvisories()).isEqualTo(2);
    assertThat(table.stats().staleAdvisories()).as("none postponed").isZero();
    assertThat(table.stats().staleOutcomes()).isEqualTo(2);
  }
}
