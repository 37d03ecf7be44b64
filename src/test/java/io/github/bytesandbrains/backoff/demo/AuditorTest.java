package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The auditor, on honest policies and on their wrong twins. */
class AuditorTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));
  private static final Peer OTHER = new Peer(1, Loopback.port(4001));
  private static final long DELAY_NANOS = 10_000_000;

  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(() -> 0).build();
  private final Findings findings = new Findings(table);

  /** Has no table, and no outcome to tell it. */
  private interface Twin extends Policy {
    @Override
    default long remaining(Peer peer, long nowNanos) {
      return 0;
    }

    @Override
    default void record(Peer peer, Outcome outcome) {}
  }

  /** Answers what it likes. */
  private record Liar(boolean answer) implements Twin {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return answer;
    }
  }

  /** Admits a probe whenever it is asked, by a state that is new but has the same outcomes. */
  private record Leaser(ConcurrentBackoffTable<Peer> table) implements Twin {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      BackoffState state = table.state(peer).orElseThrow();
      table.restoreState(
          peer,
          new BackoffState(state.attempts(), state.lastAttemptNanos(), nowNanos + DELAY_NANOS));
      return true;
    }

    @Override
    public boolean probes() {
      return true;
    }
  }

  /** Claims that it probes, but lets everybody send. */
  private record Crowd(ConcurrentBackoffTable<Peer> table) implements Twin {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return table.shouldRetry(peer, nowNanos);
    }

    @Override
    public boolean probes() {
      return true;
    }
  }

  @Test
  void admits_honestPermits_noFault() {
    Auditor auditor = auditor(new TryAcquirePolicy(table));
    Auditor colleague = auditor(new TryAcquirePolicy(table));
    assertThat(auditor.admits(PEER, 0)).isTrue();
    auditor.record(PEER, Outcome.SERVED);
    table.recordFailure(PEER, 0);
    assertThat(auditor.admits(PEER, DELAY_NANOS - 1)).isFalse();
    assertThat(auditor.admits(PEER, DELAY_NANOS)).isTrue();
    assertThat(colleague.admits(PEER, DELAY_NANOS)).isFalse();
    auditor.record(PEER, Outcome.SERVED);
    assertThat(colleague.admits(PEER, DELAY_NANOS)).isTrue(); // to a peer that is not tracked
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.judged()).isEqualTo(3);
    assertThat(findings.extremes().sends()).isEqualTo(1);
  }

  @Test
  void admits_honestTable_countsSendsUntilTheFirstOutcome() {
    table.recordFailure(PEER, 0);
    Auditor auditor = auditor(new ShouldRetryPolicy(table));
    Auditor colleague = auditor(new ShouldRetryPolicy(table));
    auditor.admits(PEER, DELAY_NANOS);
    colleague.admits(PEER, DELAY_NANOS + 1);
    auditor.record(PEER, Outcome.SERVED);
    auditor.admits(PEER, DELAY_NANOS + 2);
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.extremes()).isEqualTo(new Extremes(2, 0));
  }

  @Test
  void admits_idlePeer_everybodyAndNoProbe() {
    long idleNanos = DELAY_NANOS + table.idleTimeout().toNanos();
    table.recordFailure(PEER, 0);
    for (int i = 0; i < 2; i++) {
      Auditor auditor = auditor(new TryAcquirePolicy(table));
      assertThat(auditor.admits(PEER, idleNanos)).isTrue();
    }
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.judged()).isEqualTo(2);
    assertThat(findings.probes(PEER)).isZero();
    assertThat(findings.extremes().sends()).isZero();
  }

  @Test
  void admits_noForIdlePeer_fault() {
    long idleNanos = DELAY_NANOS + table.idleTimeout().toNanos();
    table.recordFailure(PEER, 0);
    auditor(new Liar(false)).admits(PEER, idleNanos);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "which was due"));
  }

  @Test
  void admits_peerPostponedByAStaleAdvisory_noFault() {
    Auditor auditor = auditor(new TryAcquirePolicy(table));
    Auditor colleague = auditor(new TryAcquirePolicy(table));
    auditor.admits(PEER, 0);
    colleague.admits(PEER, 0);
    auditor.record(PEER, Outcome.REFUSED);
    colleague.record(PEER, Outcome.busy(100)); // stale; longer than the first delay
    long dueNanos = Duration.ofMillis(100).toNanos();
    assertThat(auditor.admits(PEER, DELAY_NANOS)).isFalse();
    assertThat(auditor.admits(PEER, dueNanos)).isTrue();
    assertThat(colleague.admits(PEER, dueNanos)).isFalse();
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.judged()).isEqualTo(3);
    assertThat(findings.probes(PEER)).isEqualTo(1);
  }

  @Test
  void admits_probeLapsedAndReportsLate_noFault() {
    table.recordFailure(PEER, 0);
    long lapsedNanos = DELAY_NANOS + table.probeLease().toNanos();
    Auditor auditor = auditor(new TryAcquirePolicy(table));
    Auditor colleague = auditor(new TryAcquirePolicy(table));
    assertThat(auditor.admits(PEER, DELAY_NANOS)).isTrue();
    assertThat(colleague.admits(PEER, lapsedNanos)).isTrue();
    assertThat(findings.probes(PEER)).isEqualTo(2);
    auditor.record(PEER, Outcome.SERVED);
    colleague.record(PEER, Outcome.REFUSED); // stale
    assertThat(table.isEmpty()).isTrue();
    assertThat(findings.probes(PEER)).isZero();
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.extremes()).isEqualTo(new Extremes(1, 0));
  }

  @Test
  void admits_probeOfCoolingPeer_fault() {
    table.recordFailure(PEER, 0);
    auditor(new Leaser(table)).admits(PEER, DELAY_NANOS - 1);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "while it was cooling"));
  }

  @Test
  void admits_secondProbeOfOneCooldown_fault() {
    table.recordFailure(PEER, 0);
    BackoffState state = table.state(PEER).orElseThrow();
    Auditor auditor = auditor(new Leaser(table));
    auditor.admits(PEER, DELAY_NANOS);
    assertThat(findings.firstFault()).isEmpty();
    table.restoreState(PEER, state);
    auditor.admits(PEER, DELAY_NANOS);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "beside its probe"));
  }

  @Test
  void admits_dueWithoutLease_faultOfOneThatProbes() {
    table.recordFailure(PEER, 0);
    auditor(new ShouldRetryPolicy(table)).admits(PEER, DELAY_NANOS);
    assertThat(findings.firstFault()).isEmpty();
    auditor(new Crowd(table)).admits(PEER, DELAY_NANOS);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "beside its probe"));
  }

  @Test
  void admits_honestTable_noFault() {
    Auditor auditor = auditor(new ShouldRetryPolicy(table));
    assertThat(auditor.admits(PEER, 0)).isTrue();
    auditor.record(PEER, Outcome.SERVED);
    table.recordFailure(PEER, 0);
    assertThat(auditor.admits(PEER, DELAY_NANOS - 1)).isFalse();
    assertThat(auditor.admits(PEER, DELAY_NANOS)).isTrue();
    auditor.record(PEER, Outcome.REFUSED);
    assertThat(findings.firstFault()).isEmpty();
    assertThat(findings.judged()).isEqualTo(2); // not the one about a peer that is not tracked
  }

  @Test
  void admits_yesForCoolingPeer_fault() {
    table.recordFailure(PEER, 0);
    auditor(new Liar(true)).admits(PEER, DELAY_NANOS - 1);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "while it was cooling"));
  }

  @Test
  void admits_noForDuePeer_fault() {
    table.recordFailure(PEER, 0);
    auditor(new Liar(false)).admits(PEER, DELAY_NANOS);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "which was due"));
  }

  @Test
  void admits_stateWrittenMeanwhile_notJudged() {
    table.recordFailure(PEER, 0);
    Policy writes = new Twin() {
      @Override
      public boolean admits(Peer peer, long nowNanos) {
        table.recordFailure(peer, 0);
        return true;
      }
    };
    auditor(writes).admits(PEER, DELAY_NANOS - 1);
    assertThat(findings.judged()).isZero();
    assertThat(findings.firstFault()).isEmpty();
  }

  @Test
  void record_failed_attemptsOfTheState() {
    Auditor auditor = auditor(new TryAcquirePolicy(table));
    table.recordFailure(PEER, -DELAY_NANOS);
    auditor.admits(PEER, 0);
    auditor.record(PEER, Outcome.REFUSED);
    assertThat(findings.extremes().attempts()).isEqualTo(2);
  }

  @Test
  void close_always_thePolicys() {
    table.recordFailure(PEER, 0);
    BackoffState state = table.state(PEER).orElseThrow();
    Auditor auditor = auditor(new TryAcquirePolicy(table));
    auditor.admits(PEER, DELAY_NANOS);
    assertThat(table.state(PEER)).isNotEqualTo(Optional.of(state));
    auditor.close();
    assertThat(table.state(PEER)).contains(state);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void record_sentInSpiteOfNo_fault(boolean probes) {
    table.recordFailure(PEER, 0);
    Auditor auditor = auditor(probes ? new TryAcquirePolicy(table) : new ShouldRetryPolicy(table));
    assertThat(auditor.admits(PEER, 0)).isFalse();
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "just said is cooling"));
  }

  @Test
  void record_yesWasForAnotherPeer_fault() {
    Auditor auditor = auditor(new ShouldRetryPolicy(table));
    auditor.admits(OTHER, 0);
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isPresent();
  }

  @Test
  void record_twoSendsForOneYes_fault() {
    Auditor auditor = auditor(new ShouldRetryPolicy(table));
    auditor.admits(PEER, 0);
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isEmpty();
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isPresent();
  }

  private Auditor auditor(Policy policy) {
    return new Auditor(policy, findings);
  }
}
