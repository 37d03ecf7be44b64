package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.Auditor.Findings;
import org.junit.jupiter.api.Test;

/** The auditor, on honest policies and on their wrong twins. */
class AuditorTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));
  private static final Peer OTHER = new Peer(1, Loopback.port(4001));
  private static final long DELAY_NANOS = 10_000_000;

  private final ConcurrentBackoffTable<Peer> table = ConcurrentBackoffTable.create();
  private final Findings findings = new Findings();

  /** Answers what it likes. */
  private record Liar(boolean answer) implements Policy {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return answer;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {}
  }

  @Test
  void admits_honestTable_noFault() {
    Auditor auditor = auditor(new TablePolicy(table));
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
    Policy writes = new Policy() {
      @Override
      public boolean admits(Peer peer, long nowNanos) {
        table.recordFailure(peer, 0);
        return true;
      }

      @Override
      public void record(Peer peer, Outcome outcome) {}
    };
    auditor(writes).admits(PEER, DELAY_NANOS - 1);
    assertThat(findings.judged()).isZero();
    assertThat(findings.firstFault()).isEmpty();
  }

  @Test
  void record_sentInSpiteOfNo_fault() {
    table.recordFailure(PEER, 0);
    Auditor auditor = auditor(new TablePolicy(table));
    assertThat(auditor.admits(PEER, 0)).isFalse();
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("peer 0", "just said is cooling"));
  }

  @Test
  void record_yesWasForAnotherPeer_fault() {
    Auditor auditor = auditor(new TablePolicy(table));
    auditor.admits(OTHER, 0);
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isPresent();
  }

  @Test
  void record_twoSendsForOneYes_fault() {
    Auditor auditor = auditor(new TablePolicy(table));
    auditor.admits(PEER, 0);
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isEmpty();
    auditor.record(PEER, Outcome.SERVED);
    assertThat(findings.firstFault()).isPresent();
  }

  private Auditor auditor(Policy policy) {
    return new Auditor(policy, table, findings);
  }
}
