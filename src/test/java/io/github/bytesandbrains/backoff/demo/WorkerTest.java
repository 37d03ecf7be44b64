package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkerTest {
  private static final Options OPTIONS = Options.parse("--peers", "50");

  private final Asked policy = new Asked();
  private Fleet fleet;
  private Worker worker;

  /** Denies the first, for no time at all; admits the second; throws what it is told of. */
  private static final class Asked implements Policy {
    private final List<Peer> peers = new ArrayList<>();
    private int closed;

    @Override
    public boolean admits(Peer peer, long nowNanos) {
      peers.add(peer);
      return peers.size() > 1;
    }

    @Override
    public long remaining(Peer peer, long nowNanos) {
      return 0;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {
      throw new IllegalStateException(outcome + " from " + peer);
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @BeforeEach
  void openFleet() throws Exception {
    fleet = new Fleet(OPTIONS.peers(), OPTIONS.port());
    worker =
        new Worker(new Run(Side.WITHOUT_TABLE, fleet, OPTIONS), policy, new SplittableRandom(1));
  }

  @AfterEach
  void closeFleet() throws Exception {
    fleet.close();
  }

  @Test
  void run_spared_sendsLaterToTheSamePeer() {
    assertThatThrownBy(worker::run).hasMessage(Outcome.SERVED + " from " + policy.peers.get(0));
    assertThat(policy.peers).hasSize(2).containsOnly(policy.peers.get(0));
  }

  @Test
  void run_throws_policyClosed() {
    assertThatThrownBy(worker::run).isInstanceOf(IllegalStateException.class);
    assertThat(policy.closed).isEqualTo(1);
  }

  @Test
  void run_interrupted_policyClosed() {
    Thread.currentThread().interrupt();
    worker.run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(policy.peers).isEmpty();
    assertThat(policy.closed).isEqualTo(1);
  }
}
