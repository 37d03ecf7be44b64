package io.github.bytesandbrains.backoff.demo.workload;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Permit;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import org.jspecify.annotations.Nullable;

/** Decides whether to send: all that the variants differ in. Thread-safe. */
public interface Policy {
  /** The control: always sends, learns nothing. */
  Policy WITHOUT_TABLE = (peer, nowNanos) -> result -> {};

  /** Admits one send to the peer; returns null if the peer must be left alone. */
  @Nullable
  Admission admit(Peer peer, long nowNanos);

  /** What it asks; null if nothing. */
  default @Nullable ConcurrentBackoffTable<Peer> table() {
    return null;
  }

  /** Returns how many nanoseconds to leave alone a peer that was not admitted. */
  default long remaining(Peer peer, long nowNanos) {
    ConcurrentBackoffTable<Peer> table = table();
    return table == null ? 0 : table.remaining(peer, nowNanos);
  }

  /** One admitted send. Closing it without a result says nothing about the peer. */
  interface Admission extends AutoCloseable {
    void record(SendResult result);

    @Override
    default void close() {}
  }

  /** Acquires a permit for each send: when a cooldown ends, one worker probes the peer. */
  record TryAcquire(ConcurrentBackoffTable<Peer> table) implements Policy {
    private record Permitted(Permit permit) implements Admission {
      @Override
      public void record(SendResult result) {
        permit.record(result.outcome());
      }

      @Override
      public void close() {
        permit.close();
      }
    }

    @Override
    public @Nullable Admission admit(Peer peer, long nowNanos) {
      return table.tryAcquire(peer, nowNanos).map(Permitted::new).orElse(null);
    }
  }

  /** Asks before each send, and reports to the table: when a cooldown ends, every worker sends. */
  record ShouldRetry(ConcurrentBackoffTable<Peer> table) implements Policy {
    @Override
    public @Nullable Admission admit(Peer peer, long nowNanos) {
      return table.shouldRetry(peer, nowNanos) ? result -> record(peer, result) : null;
    }

    private void record(Peer peer, SendResult result) {
      switch (result.kind()) {
        case SERVED -> table.recordSuccess(peer);
        case BUSY -> table.recordRemoteAdvisory(peer, result.retryAfter());
        case REFUSED, TIMED_OUT, BROKEN -> table.recordFailure(peer);
        case SPARED -> {}
      }
    }
  }
}
