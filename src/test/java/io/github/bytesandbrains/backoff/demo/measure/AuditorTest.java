package io.github.bytesandbrains.backoff.demo.measure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.demo.measure.Auditor.Extremes;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The auditor, on the real policies and on wrong ones. */
class AuditorTest {
  private static final Peer PEER = new Peer(0, new InetSocketAddress(4000));
  private static final Peer OTHER = new Peer(1, new InetSocketAddress(4001));
  private static final long MILLI = 1_000_000;
  private static final long DELAY = 10 * MILLI;

  private final FakeClock clock = new FakeClock();
  private final long start = clock.getAsLong();
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final Auditor permits = new Auditor(table, new Policy.TryAcquire(table), true);
  private final Auditor asking = new Auditor(table, new Policy.ShouldRetry(table), false);

  /** Admits every send, by a state that is new but has the same outcomes. */
  private final Policy leasing = (peer, nowNanos) -> {
    BackoffState state = table.state(peer).orElseThrow();
    table.restoreState(
        peer, new BackoffState(state.attempts(), state.lastAttemptNanos(), nowNanos + DELAY));
    return result -> {};
  };

  @Test
  void admit_permits_oneProbeAndNoFault() {
    report(permits, start, SendResult.REFUSED);
    assertDenied(permits, start + DELAY - 1);
    Admission probe = admit(permits, start + DELAY);
    assertThat(permits.probes(PEER)).isEqualTo(1);
    assertDenied(permits, start + DELAY);
    probe.record(SendResult.SERVED);
    probe.close();
    admit(permits, start + DELAY).close(); // not tracked: nothing to judge, and no probe
    assertThat(permits.probes(PEER)).isZero();
    assertNoFault(permits, 3);
    assertThat(permits.extremes()).isEqualTo(new Extremes(1, 1));
  }

  @Test
  void admit_shouldRetry_countsSendsUntilTheFirstResult() {
    table.recordFailure(PEER, start);
    assertDenied(asking, start + DELAY - 1);
    Admission first = admit(asking, start + DELAY);
    Admission second = admit(asking, start + DELAY + MILLI);
    Admission late = admit(asking, start + DELAY + MILLI + 1);
    assertThat(asking.probes(PEER)).isEqualTo(3);
    first.record(SendResult.SERVED);
    admit(asking, start + DELAY + 2);
    first.close();
    second.close();
    late.close();
    assertThat(asking.probes(PEER)).isZero();
    assertNoFault(asking, 4);
    assertThat(asking.extremes()).isEqualTo(new Extremes(2, 0));
  }

  @Test
  void admit_otherPeersAndCooldowns_countedApart() {
    table.recordFailure(PEER, start);
    table.recordFailure(OTHER, start);
    admit(asking, start + DELAY);
    requireNonNull(asking.admit(OTHER, start + DELAY));
    table.recordFailure(PEER, start + DELAY);
    admit(asking, start + 3 * DELAY);
    assertThat(asking.extremes().sends()).isEqualTo(1);
  }

  @Test
  void admit_idlePeer_everybodyAndNoProbe() {
    table.recordFailure(PEER, start);
    long idle = start + DELAY + table.idleTimeout().toNanos();
    admit(permits, idle);
    admit(permits, idle);
    assertThat(permits.probes(PEER)).isZero();
    assertNoFault(permits, 2);
    assertThat(permits.extremes().sends()).isZero();
  }

  @Test
  void admit_peerPostponedByAStaleAdvisory_noFault() {
    Admission first = admit(permits, start);
    Admission second = admit(permits, start);
    first.record(SendResult.REFUSED);
    second.record(SendResult.busy(Duration.ofMillis(100))); // stale; longer than the first delay
    assertDenied(permits, start + DELAY);
    admit(permits, start + 100 * MILLI);
    assertDenied(permits, start + 100 * MILLI);
    assertNoFault(permits, 3);
  }

  @Test
  void admit_probeLapsedAndReportsLate_noFault() {
    table.recordFailure(PEER, start);
    Admission lapsed = admit(permits, start + DELAY);
    Admission next = admit(permits, start + DELAY + table.probeLease().toNanos());
    assertThat(permits.probes(PEER)).isEqualTo(2);
    lapsed.record(SendResult.SERVED);
    next.record(SendResult.REFUSED); // stale
    assertThat(table.isEmpty()).isTrue();
    assertNoFault(permits, 2);
    assertThat(permits.extremes()).isEqualTo(new Extremes(1, 0));
  }

  @Test
  void admit_stateWrittenInBetween_notJudged() {
    table.recordFailure(PEER, start);
    Auditor auditor = auditor((peer, nowNanos) -> {
      table.recordFailure(peer, start);
      return result -> {};
    });
    admit(auditor, start + DELAY - 1);
    assertNoFault(auditor, 0);
  }

  @Test
  void admit_coolingPeer_fault() {
    table.recordFailure(PEER, start);
    for (Policy wrong : new Policy[] {(peer, nowNanos) -> result -> {}, leasing}) {
      Auditor auditor = auditor(wrong);
      admit(auditor, start + DELAY - 1);
      assertFault(auditor, "admitted a send to peer 0 (port 4000) while it was cooling");
    }
  }

  @Test
  void admit_dueOrIdlePeerDenied_fault() {
    table.recordFailure(PEER, start);
    for (long now :
        new long[] {start + DELAY, start + DELAY + table.idleTimeout().toNanos()}) {
      Auditor auditor = auditor((peer, nowNanos) -> null);
      assertDenied(auditor, now);
      assertFault(auditor, "denied a send to peer 0 (port 4000), which was due");
    }
  }

  @Test
  void admit_secondProbeOfOneCooldown_fault() {
    table.recordFailure(PEER, start);
    BackoffState state = table.state(PEER).orElseThrow();
    Auditor auditor = auditor(leasing);
    admit(auditor, start + DELAY);
    assertNoFault(auditor, 1);
    table.restoreState(PEER, state);
    admit(auditor, start + DELAY);
    assertFault(auditor, "admitted a second send to peer 0 (port 4000) during its probe");
  }

  @Test
  void admit_dueWithoutALease_faultIfProbing() {
    table.recordFailure(PEER, start);
    Auditor auditor = auditor(new Policy.ShouldRetry(table));
    admit(auditor, start + DELAY);
    assertFault(auditor, "admitted a second send to peer 0 (port 4000) during its probe");
  }

  @Test
  void close_withoutResult_closesTheAdmission() {
    table.recordFailure(PEER, start);
    admit(permits, start + DELAY).close();
    assertThat(permits.probes(PEER)).isZero();
    admit(permits, start + DELAY);
  }

  private Auditor auditor(Policy wrong) {
    return new Auditor(table, wrong, true);
  }

  private static Admission admit(Policy policy, long nowNanos) {
    return requireNonNull(policy.admit(PEER, nowNanos), "denied");
  }

  private static void report(Policy policy, long nowNanos, SendResult result) {
    try (Admission admission = admit(policy, nowNanos)) {
      admission.record(result);
    }
  }

  private static void assertDenied(Policy policy, long nowNanos) {
    assertThat(policy.admit(PEER, nowNanos)).isNull();
  }

  private static void assertNoFault(Auditor auditor, long judged) {
    assertThat(auditor.firstFault()).isEmpty();
    assertThat(auditor.judged()).isEqualTo(judged);
  }

  private static void assertFault(Auditor auditor, String beginning) {
    assertThat(auditor.firstFault()).hasValueSatisfying(f -> assertThat(f).startsWith(beginning));
  }
}
