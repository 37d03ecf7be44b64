package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import org.junit.jupiter.api.Test;

class FindingsTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));
  private static final Peer OTHER = new Peer(1, Loopback.port(4001));
  private static final BackoffState FIRST = new BackoffState(1, -20, -10);
  private static final BackoffState SECOND = new BackoffState(2, -5, 0);
  private static final long MILLI = 1_000_000;

  private final Findings findings = new Findings(ConcurrentBackoffTable.create());

  @Test
  void admitted_oneCooldown_countsThoseWithinAMillisecond() {
    assertThat(findings.granted(PEER, SECOND, 0)).isEqualTo(1);
    assertThat(findings.granted(PEER, SECOND, MILLI)).isEqualTo(2);
    assertThat(findings.granted(PEER, SECOND, MILLI + 1)).isZero();
    assertThat(findings.extremes().sends()).isEqualTo(2);
  }

  @Test
  void admitted_otherPeersAndCooldowns_countedApart() {
    findings.granted(PEER, FIRST, 0);
    findings.granted(PEER, SECOND, 0);
    findings.granted(OTHER, SECOND, 0);
    findings.granted(PEER, FIRST, 0); // by a worker that was held up since
    assertThat(findings.extremes().sends()).isEqualTo(2);
  }

  @Test
  void recorded_anyOrder_theMost() {
    findings.recorded(SECOND);
    findings.recorded(FIRST);
    assertThat(findings.extremes()).isEqualTo(new Extremes(0, 2));
  }

  @Test
  void fault_several_theFirst() {
    assertThat(findings.firstFault()).isEmpty();
    findings.fault("first");
    findings.fault("second");
    assertThat(findings.firstFault()).contains("first");
  }
}
