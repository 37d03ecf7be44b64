package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.examples.Transport.Reply;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What each recipe promises. Where a delay has to end, {@code expedite} ends it. */
final class ExamplesTest {
  private static final Reply OK = new Reply(200, Optional.empty());
  private static final Reply NOT_FOUND = new Reply(404, Optional.empty());
  private static final Reply BUSY = new Reply(503, Optional.of(Duration.ofSeconds(20)));
  private static final Reply BUSY_WITHOUT_A_DELAY = new Reply(429, Optional.empty());

  /** Returns {@code answer}; refuses if it is empty. */
  private static final class FakeTransport implements Transport {
    final List<String> sent = new ArrayList<>();
    final List<Duration> timeouts = new ArrayList<>();
    Optional<Reply> answer = Optional.of(OK);

    @Override
    public Reply send(String peer, Duration timeout) throws IOException {
      sent.add(peer);
      timeouts.add(timeout);
      return answer.orElseThrow(() -> new IOException("refused"));
    }

    @Override
    public CompletionStage<Reply> sendAsync(String peer) {
      sent.add(peer);
      return switch (peer) {
        case "hung" -> new CompletableFuture<>();
        case "dead" -> CompletableFuture.failedFuture(new IOException("refused"));
        case "busy" -> CompletableFuture.completedFuture(BUSY);
        default -> CompletableFuture.completedFuture(OK);
      };
    }
  }

  private final FakeTransport transport = new FakeTransport();

  @Test
  void call_busyPeer_isLeftAloneForAsLongAsItAsks() throws Exception {
    CallExample example = new CallExample(transport);
    transport.answer = Optional.of(BUSY);

    assertThat(example.request("a")).isSameAs(BUSY);

    assertThat(example.table.remaining("a"))
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
    assertThatThrownBy(() -> example.request("a")).isInstanceOf(PeerCoolingException.class);
    assertThat(transport.sent).as("the second request was not sent").containsExactly("a");
  }

  @Test
  void call_busyPeerWithoutADelay_isLeftAloneByTheSchedule() throws Exception {
    CallExample example = new CallExample(transport);
    transport.answer = Optional.of(BUSY_WITHOUT_A_DELAY);

    assertThat(example.request("a")).isSameAs(BUSY_WITHOUT_A_DELAY);

    assertThat(example.table.stats().failures()).isEqualTo(1);
    assertThat(example.table.stats().failureDelays())
        .isBetween(Duration.ofMillis(25), Duration.ofMillis(50));
  }

  @Test
  void call_peerThatRefusesAndThenAnswers_isForgotten() throws Exception {
    CallExample example = new CallExample(transport);
    transport.answer = Optional.empty();
    assertThatThrownBy(() -> example.request("a")).hasMessage("refused");
    assertThat(example.table.state("a").orElseThrow().attempts()).isEqualTo(1);

    example.table.expedite("a");
    transport.answer = Optional.of(NOT_FOUND);

    assertThat(example.request("a")).as("a 404 is an answer").isSameAs(NOT_FOUND);
    assertThat(example.table.isEmpty()).isTrue();
  }

  @Test
  void call_probeLease_isLongerThanARequestCanTake() throws Exception {
    CallExample example = new CallExample(transport);

    example.request("a");

    assertThat(transport.timeouts)
        .containsExactly(CallExample.TIMEOUT)
        .allSatisfy(timeout -> assertThat(example.table.probeLease()).isGreaterThan(timeout));
  }

  @Test
  void dispatcher_deadPeer_isProbedByOneMessageAtATimeUntilAllAreDelivered() {
    int messages = 32;
    AtomicBoolean up = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger refusing = new AtomicInteger();
    AtomicInteger mostRefusing = new AtomicInteger();
    AtomicInteger delivered = new AtomicInteger();
    Transport transport = new Transport() {
      @Override
      public Reply send(String peer, Duration timeout) throws IOException {
        if (up.get()) {
          delivered.incrementAndGet();
          return OK;
        }
        mostRefusing.accumulateAndGet(refusing.incrementAndGet(), Math::max);
        for (int i = 0; i < 1_000; i++) {
          Thread.onSpinWait(); // long enough that two probes would overlap
        }
        refused.incrementAndGet();
        refusing.decrementAndGet();
        throw new IOException("refused");
      }

      @Override
      public CompletionStage<Reply> sendAsync(String peer) {
        throw new AssertionError();
      }
    };
    ScheduledExecutorService workers = Executors.newScheduledThreadPool(4);
    try {
      DispatcherExample example = new DispatcherExample(transport, workers);
      example.table.recordFailure("a");
      for (int i = 0; i < messages; i++) {
        workers.execute(() -> example.deliver("a"));
      }

      await().until(() -> refused.get() >= 3);
      assertThat(mostRefusing).as("one probe at a time").hasValue(1);
      up.set(true);

      await().until(() -> delivered.get() == messages);
      await().until(example.table::isEmpty);
      assertThat(example.table.stats().failures())
          .as("the first one, and each refusal")
          .isEqualTo(1 + refused.get());
    } finally {
      workers.shutdownNow();
    }
  }

  @Test
  void dispatcher_busyPeer_isTriedAgainAfterItsDelay() {
    transport.answer = Optional.of(BUSY);
    ScheduledExecutorService workers = Executors.newScheduledThreadPool(1);
    try {
      DispatcherExample example = new DispatcherExample(transport, workers);

      example.deliver("a");
      example.deliver("a");

      assertThat(transport.sent).as("the second message waits").containsExactly("a");
      assertThat(example.table.stats().advisories()).isEqualTo(1);
      assertThat(example.table.stats().releasedProbes()).isZero();
      assertThat(workers.shutdownNow()).as("both are scheduled again").hasSize(2);
    } finally {
      workers.shutdownNow();
    }
  }

  @Test
  void gossip_memberThatDoesNotAcknowledge_isLeftOutUntilItIsHeardFrom() {
    List<String> datagrams = new ArrayList<>();
    GossipExample example = new GossipExample(List.of("a", "b"), datagrams::add);
    example.round();
    example.acknowledged("a");
    example.notAcknowledged("b");
    example.table.postpone("b", Duration.ofMinutes(1)); // longer than this test can take
    example.round();
    assertThat(datagrams).containsExactly("a", "b", "a");

    example.messageFrom("b");
    example.round();
    example.acknowledged("b");

    assertThat(datagrams).containsExactly("a", "b", "a", "a", "b");
    assertThat(example.table.isEmpty()).isTrue();
  }

  @Test
  void fanOut_hungDeadAndBusyPeers_areLeftOutNextTime() {
    List<String> peers = List.of("healthy", "hung", "dead", "busy");
    FanOutExample example = new FanOutExample(transport, Duration.ofMillis(100));

    assertThat(example.askAll(peers))
        .succeedsWithin(Duration.ofSeconds(10))
        .isEqualTo(List.of(OK, BUSY));

    await() // a timeout is recorded after the future has completed
        .untilAsserted(
            () -> assertThat(example.table.snapshot()).containsOnlyKeys("hung", "dead", "busy"));
    example.table.forEach((peer, state) -> example.table.postpone(peer, Duration.ofMinutes(1)));
    transport.sent.clear();
    assertThat(example.askAll(peers).join()).containsExactly(OK);
    assertThat(transport.sent).containsExactly("healthy");
  }

  @Test
  void monitoring_peerThatFailsAndRecovers_isLoggedAndMeasuredUntilStopped() throws Exception {
    MeterRegistry registry = new SimpleMeterRegistry();
    List<String> log = new ArrayList<>();
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMinutes(1), Duration.ofHours(1)))
        .build();
    MonitoringExample example = new MonitoringExample(table, registry, log::add);

    table.recordFailure("a");
    table.recordFailure("a");
    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isEqualTo(1);
    assertThat(registry.get("backoff.retry.delay.peer").tag("peer", "a").gauge().value())
        .isPositive();
    table.recordSuccess("a");

    assertThat(log).hasSize(2);
    assertThat(log.get(0)).startsWith("a fails: attempts 1, cooling for another PT");
    assertThat(log.get(1)).isEqualTo("a works again after 2 failures");

    example.stop();
    table.recordFailure("a");
    assertThat(log).hasSize(2);
    assertThat(registry.getMeters()).isEmpty();
  }
}
