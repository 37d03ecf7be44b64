package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Only a caller that brings a new peer makes room. One thread is blocked while it does so and holds
 * the maintenance lock; another waits for the lock, because the table is well beyond its bound.
 */
@Tag("concurrent")
final class RecordingWaitsForNobodyTest {
  private static final int BOUND = 2;

  /** Beyond this, a caller that brings a new peer waits for the lock. */
  private static final int WAITING_FROM = BOUND + 16;

  private static final Peer KNOWN = new Peer(-1);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().maximumPeers(BOUND).nanoTime(clock).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Gate gate = new Gate();

  private Future<?> maintaining;
  private Future<?> waiting;

  private static class Peer {
    private final int hash;

    Peer(int hash) {
      this.hash = hash;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }
  }

  /** A peer whose review blocks the thread that maintains the index. */
  private static final class Gate extends Peer {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile boolean closed;

    Gate() {
      super(-2);
    }

    @Override
    public int hashCode() {
      if (closed) {
        reached.countDown();
        try {
          open.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return super.hashCode();
    }
  }

  @BeforeEach
  void blockMaintenance() throws Exception {
    table.recordFailure(gate);
    table.recordFailure(KNOWN);
    gate.closed = true;
    maintaining = threads.submit(() -> table.recordFailure(new Peer(0)));
    gate.reached.await();
    for (int peer = 1; table.map.mappings() < WAITING_FROM; peer++) {
      table.recordFailure(new Peer(peer)); // another thread is making room
    }
    waiting = threads.submit(() -> table.recordFailure(new Peer(WAITING_FROM)));
    Awaitility.await().until(() -> table.map.mappings() > WAITING_FROM);
  }

  @AfterEach
  void stop() throws Exception {
    assertThat(maintaining).as("maintenance").isNotDone();
    assertThat(waiting).as("the caller that brings one more peer").isNotDone();
    gate.open.countDown();
    maintaining.get();
    waiting.get();
    threads.shutdownNow();
    assertThat(table.map.mappings()).isLessThanOrEqualTo(WAITING_FROM);
    IndexAssertions.assertIndexed(table);
  }

  @Test
  void recordFailure_knownPeerWhileAnotherThreadMakesRoom_returns() {
    assertReturns(() -> table.recordFailure(KNOWN));
  }

  @Test
  void recordRemoteAdvisory_knownPeerWhileAnotherThreadMakesRoom_returns() {
    assertReturns(() -> table.recordRemoteAdvisory(KNOWN, Duration.ofSeconds(1)));
  }

  @Test
  void recordFailure_knownPeerAfterATickWhileAnotherThreadMakesRoom_returns() {
    clock.advance(Duration.ofSeconds(3));

    assertReturns(() -> table.recordFailure(KNOWN));
  }

  @Test
  void permit_ofAKnownPeerWhileAnotherThreadMakesRoom_returns() {
    assertReturns(() -> {
      clock.advance(Duration.ofMillis(10));
      table.acquire(KNOWN).release();
      table.acquire(KNOWN).recordFailure();
      clock.advance(Duration.ofMillis(20));
      table.acquire(KNOWN).recordSuccess();
    });
  }

  @Test
  void steering_ofAKnownPeerWhileAnotherThreadMakesRoom_returns() {
    assertReturns(() -> {
      table.postpone(KNOWN, Duration.ofSeconds(1));
      table.expedite(KNOWN);
      table.restoreState(KNOWN, new BackoffState(3, 0, 0));
      table.recordSuccess(KNOWN);
    });
  }

  private void assertReturns(Runnable recording) {
    assertThat(threads.submit(recording)).succeedsWithin(Duration.ofSeconds(10));
  }
}
