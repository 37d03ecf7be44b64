package io.github.bytesandbrains.backoff.demo.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.demo.measure.Auditor.Extremes;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The audit of a client that this test plays, rightly and wrongly. */
class ClientAuditTest {
  private static final Peer PEER =
      new Peer(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000));
  private static final Duration DELAY = Duration.ofMillis(10);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final Auditor auditor = new Auditor(table, Policy.WITHOUT_TABLE, true);
  private final ClientAudit audit = new ClientAudit(auditor);

  @Test
  void send_permits_oneProbeAndNoFault() {
    table.recordFailure(PEER);
    send(SendResult.spared(DELAY));
    clock.advance(DELAY);
    try (Admission probe = begin()) {
      assertThat(table.tryAcquire(PEER)).isPresent();
      audit.select(PEER.uri());
      assertThat(auditor.probes(PEER)).isEqualTo(1);
      probe.record(SendResult.REFUSED);
    }
    send(SendResult.spared(DELAY));
    assertThat(auditor.probes(PEER)).isZero();
    assertThat(auditor.firstFault()).isEmpty();
    assertThat(auditor.judged()).isEqualTo(3);
    assertThat(auditor.extremes()).isEqualTo(new Extremes(1, 1));
  }

  @Test
  void send_dueButSpared_fault() {
    table.recordFailure(PEER);
    clock.advance(DELAY);
    send(SendResult.spared(DELAY));
    assertThat(auditor.firstFault()).hasValueSatisfying(f -> assertThat(f).startsWith("denied"));
  }

  @Test
  void send_coolingButAdmitted_fault() {
    table.recordFailure(PEER);
    sendUnasked();
    assertThat(auditor.firstFault())
        .hasValueSatisfying(f -> assertThat(f).contains("while it was cooling"));
  }

  @Test
  void send_dueAndAdmittedWithoutAPermit_fault() {
    table.recordFailure(PEER);
    clock.advance(DELAY);
    sendUnasked();
    assertThat(auditor.firstFault())
        .hasValueSatisfying(f -> assertThat(f).contains("during its probe"));
  }

  @Test
  void send_proxyNotSelected_fault() {
    send(SendResult.SERVED);
    assertThat(auditor.firstFault()).contains("a send to " + PEER + " was not audited");
  }

  private Admission begin() {
    return audit.admit(PEER, clock.getAsLong());
  }

  private void send(SendResult result) {
    try (Admission admission = begin()) {
      admission.record(result);
    }
  }

  private void sendUnasked() {
    try (Admission admission = begin()) {
      audit.select(PEER.uri());
      admission.record(SendResult.SERVED);
    }
  }
}
