package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class RunTest {
  private static final StatusLine SILENT =
      new StatusLine(new PrintStream(OutputStream.nullOutputStream()), false);

  /** Never lets anybody send to peer 3. */
  private static final Policy UNFAIR = new Policy() {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return peer.number() != 3;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {}
  };

  @Test
  void go_peerNeverServedAgain_saysWhich() throws Exception {
    Options options = Options.parse("--peers", "5", "--workers", "4", "--seconds", "2");
    Side unfair = new Side("unfairly", () -> UNFAIR, () -> null);
    try (Fleet fleet = new Fleet(options.peers(), options.port())) {
      Run run = new Run(unfair, fleet, options);
      assertThat(run.go(SILENT))
          .contains("unfairly, 1 of 5 peers were not served again after recovery, first "
              + fleet.peers().get(3));
      assertThat(run.measurements().figures().lastServedAgain()).isNull();
      assertThat(run.measurements().figures().total().spared()).isPositive();
    }
  }
}
