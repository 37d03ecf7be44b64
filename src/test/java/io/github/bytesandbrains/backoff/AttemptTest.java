package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AttemptTest {
  private static final Duration LEASE = Duration.ofSeconds(3);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().probeLease(LEASE).nanoTime(clock).build();

  private Attempt acquire(String peer) {
    return table.tryAcquire(peer).orElseThrow();
  }

  /** A peer whose cooldown has just ended. */
  private BackoffState due(String peer) {
    BackoffState state = table.recordFailure(peer);
    clock.advance(Duration.ofMillis(10));
    return state;
  }

  @Test
  void tryAcquire_unknownPeer_admitsAnyNumber() {
    List<Attempt> attempts = IntStream.range(0, 64).mapToObj(i -> acquire("a")).toList();

    assertThat(attempts).hasSize(64);
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().admitted()).isEqualTo(64);
    assertThat(table.stats().probes()).isZero();
  }

  @Test
  void tryAcquire_unknownPeerAtAGivenTime_isAdmittedToo() {
    Attempt attempt = table.tryAcquire("a", clock.getAsLong()).orElseThrow();

    assertThat(table.stats().admitted()).isEqualTo(1);
    assertThat(table.stats().probes()).isZero();
    assertThat(attempt.failed()).isTrue();
  }

  @Test
  void tryAcquire_anotherTakesTheProbeJustBefore_isDenied() {
    ConcurrentBackoffTable<MeddlingPeer> shared =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    MeddlingPeer peer = new MeddlingPeer();
    shared.recordFailure(peer);
    long due = clock.getAsLong() + Duration.ofMillis(10).toNanos();

    // Looked up once, and again when the probe is about to be put in.
    peer.meddleAfter(1, () -> assertThat(shared.tryAcquire(peer, due)).isPresent());

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
    assertThat(table.stats().admitted()).isZero();
  }

  @Test
  void tryAcquire_duePeer_admitsOneProbeAndLeasesThePeerToIt() {
    BackoffState before = due("a");
    long now = clock.getAsLong();

    Attempt probe = acquire("a");

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(table.shouldRetry("a")).isFalse();
    assertThat(table.shouldRetry("a", now)).isFalse();
    assertThat(table.remaining("a")).isEqualTo(LEASE);
    assertThat(table.state("a"))
        .contains(new BackoffState(1, before.lastAttemptNanos(), now + LEASE.toNanos()));
    assertThat(table.stats().probes()).isEqualTo(1);
    assertThat(probe.succeeded()).isTrue();
  }

  @Test
  void tryAcquire_probeLeaseNotSet_isTenSeconds() {
    ConcurrentBackoffTable<String> standard =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    standard.recordFailure("a");
    clock.advance(Duration.ofMillis(10));

    assertThat(standard.tryAcquire("a")).isPresent();
    assertThat(standard.remaining("a")).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void failed_sixtyFourSendsInFlight_isOneStep() {
    List<Attempt> inFlight = IntStream.range(0, 64).mapToObj(i -> acquire("a")).toList();

    long counted = inFlight.stream().filter(Attempt::failed).count();

    assertThat(counted).isEqualTo(1);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(table.stats().failures()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isEqualTo(63);
  }

  @Test
  void succeeded_lateOne_clearsNothing() {
    Attempt late = acquire("a");
    acquire("a").failed();

    assertThat(late.succeeded()).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
    assertThat(table.stats().successes()).isZero();
  }

  @Test
  void succeeded_unknownPeer_countsAndChangesNothing() {
    assertThat(acquire("a").succeeded()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.map).as("a peer that is fine costs no memory").isEmpty();
    assertThat(table.stats().successes()).as("that cleared").isZero();
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void succeeded_probe_forgetsThePeer() {
    due("a");

    assertThat(acquire("a").succeeded()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().successes()).isEqualTo(1);
  }

  @Test
  void failed_probe_isTheNextStepOfTheSchedule() {
    due("a");
    Attempt probe = acquire("a");
    clock.advance(Duration.ofSeconds(1));

    assertThat(probe.failed()).isTrue();
    assertThat(table.state("a"))
        .contains(new BackoffState(
            2, clock.getAsLong(), clock.getAsLong() + Duration.ofMillis(20).toNanos()));
    assertThat(table.stats().successes()).isZero();
  }

  @Test
  void failed_explicitTime_isThatTime() {
    due("a");
    long now = clock.getAsLong();
    Attempt probe = table.tryAcquire("a", now).orElseThrow();

    assertThat(probe.failed(now + 5)).isTrue();
    assertThat(table.state("a")).contains(new BackoffState(2, now + 5, now + 5 + 20_000_000));
  }

  @Test
  void advised_probe_isThePeersWord() {
    due("a");
    assertThat(acquire("a").advised(Duration.ofSeconds(7))).isTrue();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(7));

    assertThat(acquire("b").advised(clock.getAsLong(), Long.MAX_VALUE)).isTrue();
    assertThat(table.remaining("b")).isEqualTo(Duration.ofSeconds(60));
    assertThat(table.stats().advisories()).isEqualTo(2);
    assertThat(table.stats().clampedAdvisories()).isEqualTo(1);
  }

  @Test
  void advised_negative_isRejectedAndTheAttemptIsStillOpen() {
    Attempt attempt = acquire("a");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> attempt.advised(Duration.ofMillis(-1)))
        .withMessage("minBackoff: PT-0.001S (expected: >= 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> attempt.advised(0, -1))
        .withMessage("minBackoffNanos: -1 (expected: >= 0)");

    assertThat(table.isEmpty()).isTrue();
    assertThat(attempt.failed()).isTrue();
  }

  @Test
  void abandoned_probe_givesItsLeaseBackAtOnce() {
    BackoffState before = due("a");
    Attempt probe = acquire("a");
    assertThat(table.tryAcquire("a")).isEmpty();

    assertThat(probe.abandoned()).isTrue();

    assertThat(table.state("a")).containsSame(before);
    assertThat(acquire("a").succeeded()).isTrue();
    assertThat(table.stats().lapsedProbes()).isZero();
  }

  @Test
  void abandoned_probeOverLong_leavesAPeerThatIsIdleInTime() {
    due("a");
    Attempt probe = acquire("a");
    clock.advance(Duration.ofSeconds(121));
    table.cleanUp();
    assertThat(table.size()).as("not idle while leased").isEqualTo(1);

    assertThat(probe.abandoned()).isTrue();
    clock.advance(Duration.ofMinutes(2)); // as to abandon it is an outcome, too
    table.cleanUp();

    assertThat(table.isEmpty()).isTrue();
    assertThat(table.index.peers()).isEmpty();
  }

  @Test
  void abandoned_probeOfAPeerThatFailedMeanwhile_isStale() {
    due("a");
    Attempt probe = acquire("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(probe.abandoned()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void abandoned_unknownPeer_changesNothing() {
    Attempt attempt = acquire("a");
    table.recordFailure("a");

    assertThat(attempt.abandoned()).isTrue();
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void close_withoutAnOutcome_isAbandoned() {
    BackoffState before = due("a");

    try (Attempt probe = acquire("a")) {
      assertThat(probe).isNotNull();
      assertThat(table.tryAcquire("a")).isEmpty();
    }

    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void close_afterAnOutcome_changesNothing() {
    due("a");

    try (Attempt probe = acquire("a")) {
      probe.failed();
    }

    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
    assertThat(table.shouldRetry("a")).isFalse();
  }

  @Test
  void outcome_second_isIgnored() {
    Attempt attempt = acquire("a");
    assertThat(attempt.failed()).isTrue();
    BackoffStats stats = table.stats();
    BackoffState state = table.state("a").orElseThrow();

    assertThat(attempt.failed()).isFalse();
    assertThat(attempt.succeeded()).isFalse();
    assertThat(attempt.advised(Duration.ZERO)).isFalse();
    assertThat(attempt.abandoned()).isFalse();
    attempt.close();

    assertThat(table.state("a")).containsSame(state);
    assertThat(table.stats()).isEqualTo(stats);
  }

  static Stream<Predicate<Attempt>> outcomes() {
    return Stream.of(Attempt::succeeded, Attempt::failed, Attempt::abandoned);
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void outcome_ofAProbe_leavesNothingOfIt(Predicate<Attempt> outcome) {
    due("a");
    Attempt probe = acquire("a");
    assertThat(table.probes.size()).isEqualTo(1);

    assertThat(outcome.test(probe)).isTrue();

    assertThat(table.probes.size()).isZero();
  }

  /** The state is the one that the attempt began with still: none. */
  @Test
  void failed_afterASuccessThatChangedNothing_isIgnored() {
    Attempt attempt = acquire("a");
    assertThat(attempt.succeeded()).isTrue();

    assertThat(attempt.failed()).isFalse();
    assertThat(table.snapshot()).isEmpty();
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  @Test
  void probe_lost_lapsesByItself() {
    due("a");
    Attempt lost = acquire("a");

    clock.advance(LEASE.minusNanos(1));
    assertThat(table.tryAcquire("a")).isEmpty();
    clock.advance(Duration.ofNanos(1));
    Attempt next = acquire("a");

    assertThat(table.tryAcquire("a")).isEmpty();
    assertThat(table.stats().lapsedProbes()).isEqualTo(1);
    assertThat(lost.succeeded()).as("too late").isFalse();
    assertThat(table.stats().staleOutcomes()).as("it has lapsed already").isZero();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
    assertThat(next.succeeded()).isTrue();
  }

  @Test
  void probe_lateButNobodyElseCame_counts() {
    due("a");
    Attempt probe = acquire("a");
    clock.advance(LEASE.multipliedBy(5));

    assertThat(probe.succeeded()).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.stats().lapsedProbes()).isZero();
  }

  @Test
  void probe_peerFailedMeanwhile_isStale() {
    due("a");
    Attempt probe = acquire("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(probe.succeeded()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void probe_peerForgottenMeanwhile_isStale() {
    due("a");
    Attempt probe = acquire("a");
    table.recordSuccess("a");

    assertThat(probe.failed()).isFalse();
    assertThat(table.isEmpty()).isTrue();
  }

  /** Compared by attempts alone, this late failure would count. */
  @Test
  void failed_sameAttemptsButAnotherState_isStale() {
    due("a");
    Attempt old = acquire("a");
    table.recordSuccess("a");
    BackoffState newer = table.recordFailure("a");

    assertThat(newer.attempts()).isEqualTo(1);
    assertThat(old.failed()).isFalse();
    assertThat(table.state("a")).containsSame(newer);
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void tryAcquire_unknownPeer_readsNoClock() {
    ConcurrentBackoffTable<String> clockless = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          throw new IllegalStateException("clock is broken");
        })
        .build();

    Attempt attempt = clockless.tryAcquire("a").orElseThrow();
    assertThatThrownBy(attempt::failed).hasMessage("clock is broken");
    assertThat(clockless.isEmpty()).isTrue();
    assertThat(attempt.failed(clock.getAsLong())).as("still open").isTrue();
    assertThatThrownBy(() -> clockless.tryAcquire("a")).hasMessage("clock is broken");
  }
}
