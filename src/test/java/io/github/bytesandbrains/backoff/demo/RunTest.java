package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunTest {
  /** Nobody sends to peer 3. The auditor finds that peer 0 is not left alone. */
  @Test
  void passPhases_unfairPolicy_saysWhatWentWrongAndInWhichRun() throws Exception {
    Options options = new Options();
    options.peers = 5;
    options.workers = 4;
    options.seconds = 3;
    ConcurrentBackoffTable<Peer> table = ConcurrentBackoffTable.create();
    Policy unfair = new Policy() {
      @Override
      public @Nullable Admission admit(Peer peer, long nowNanos) {
        return peer.number() == 3 ? null : result -> {};
      }

      @Override
      public long remaining(Peer peer, long nowNanos) {
        return Duration.ofDays(1).toNanos();
      }
    };
    Auditor auditor = new Auditor(table, unfair, false);
    try (Fleet fleet = new Fleet(options.peers, 0, Protocol.LONG)) {
      table.recordRemoteAdvisory(fleet.peers().get(0), table.maxAdvisory());
      Run run = new Run(new Variant("unfair", auditor, auditor), fleet, options);
      assertThat(run.passPhases(new StatusLine(new PrintWriter(Writer.nullWriter()), false)))
          .satisfiesExactly(
              fault -> assertThat(fault)
                  .isEqualTo("unfair: 1 of 5 peers were not served again after recovery, first "
                      + fleet.peers().get(3)),
              fault -> assertThat(fault)
                  .startsWith("unfair: admitted a send to peer 0")
                  .contains("while it was cooling"));
      assertThat(run.result().lastServedAgain()).isNull();
      assertThat(run.result().total().spared()).isPositive();
    }
  }
}
