package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
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
    public long remaining(Peer peer, long nowNanos) {
      return Long.MAX_VALUE - nowNanos;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {}
  };

  @Test
  void go_peerNeverServedAgain_saysWhich() throws Exception {
    Options options = Options.parse("--peers", "5", "--workers", "4", "--seconds", "3");
    Side unfair = new Side("unfairly", () -> UNFAIR, Optional.empty());
    try (Fleet fleet = new Fleet(options.peers(), options.port())) {
      Run run = new Run(unfair, fleet, options);
      assertThat(run.go(SILENT))
          .containsExactly("unfairly, 1 of 5 peers were not served again after recovery, first "
              + fleet.peers().get(3));
      assertThat(run.figures().lastServedAgain()).isNull();
      assertThat(run.figures().total().spared()).isPositive();
      assertThat(run.figures().extremes()).isNull();
    }
  }

  @Test
  void go_auditorFindsAFault_saysInWhichRun() throws Exception {
    Options options = Options.parse("--peers", "5", "--workers", "4", "--seconds", "3");
    Side side = Side.tryAcquire(ConcurrentBackoffTable.create());
    side.findings().orElseThrow().fault("something was wrong");
    try (Fleet fleet = new Fleet(options.peers(), options.port())) {
      assertThat(new Run(side, fleet, options).go(SILENT))
          .containsExactly("tryAcquire, something was wrong");
    }
  }
}
