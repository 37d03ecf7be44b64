package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Threads that record in a table, and ask it, while something happens to Redis. */
final class Witness implements AutoCloseable {
  private static final int PEERS = 1_000;

  private final ConcurrentBackoffTable<String> table;
  private final Thread thread = new Thread(this::run, "witness");
  private volatile boolean closed;
  private final AtomicLong rounds = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();

  Witness(ConcurrentBackoffTable<String> table) {
    this.table = table;
    thread.start();
  }

  private void run() {
    while (!closed) {
      long round = rounds.getAndIncrement();
      String peer = "witness-" + round % PEERS;
      long before = System.nanoTime();
      table.shouldRetry(peer);
      table.recordFailure(peer);
      table.tryAcquire(peer);
      if (round % 3 == 0) {
        table.recordSuccess(peer);
      }
      longestNanos.accumulateAndGet(System.nanoTime() - before, Math::max);
      LockSupport.parkNanos(200_000); // so that others may run
    }
  }

  /** Far less than any time-out of the sharing, and far more than a pause of a busy machine. */
  void assertNeverWaited() {
    assertThat(rounds).hasValueGreaterThan(100);
    assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(Duration.ofSeconds(1));
  }

  @Override
  public String toString() {
    return rounds.get() + " rounds, the longest of " + longestNanos.get() / 1_000 + " us";
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
