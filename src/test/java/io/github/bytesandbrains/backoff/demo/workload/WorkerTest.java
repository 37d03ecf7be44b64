package io.github.bytesandbrains.backoff.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.demo.measure.Measurements;
import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SocketClient;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkerTest {
  private final List<Peer> asked = new ArrayList<>();
  private int closed;
  private Fleet fleet;
  private Worker worker;

  /** Denies the first send, for no time at all; admits the second, and throws its result. */
  private @Nullable Admission admit(Peer peer, long nowNanos) {
    asked.add(peer);
    return asked.size() == 1
        ? null
        : new Admission() {
          @Override
          public void record(SendResult result) {
            throw new IllegalStateException(result + " from " + peer);
          }

          @Override
          public void close() {
            closed++;
          }
        };
  }

  @BeforeEach
  void openFleet() throws Exception {
    fleet = new Fleet(50, 0, Protocol.LONG);
    Duration second = Duration.ofSeconds(1);
    worker = new Worker(
        new PeerSelector(fleet.peers()),
        this::admit,
        new SocketClient(Worker.TIMEOUT),
        new Measurements(50, new ThroughputSeries(second, second)),
        Worker.PAUSE,
        new SplittableRandom(1));
  }

  @AfterEach
  void closeFleet() throws Exception {
    fleet.close();
  }

  @Test
  void run_spared_sendsLaterToTheSamePeerAndClosesTheAdmission() {
    assertThatThrownBy(worker::run).hasMessage(SendResult.SERVED + " from " + asked.get(0));
    assertThat(asked).hasSize(2).containsOnly(asked.get(0));
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void run_interrupted_ends() {
    Thread.currentThread().interrupt();
    worker.run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(asked).isEmpty();
  }
}
