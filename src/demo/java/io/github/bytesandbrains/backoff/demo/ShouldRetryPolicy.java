package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;

/** Asks the table before a send, and reports the outcome. Many workers may get a "yes" at once. */
record ShouldRetryPolicy(ConcurrentBackoffTable<Peer> table) implements Policy {
  @Override
  public boolean admits(Peer peer, long nowNanos) {
    return table.shouldRetry(peer, nowNanos);
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return table.remaining(peer, nowNanos);
  }

  @Override
  public void record(Peer peer, Outcome outcome) {
    switch (outcome.kind()) {
      case SERVED -> table.recordSuccess(peer);
      case BUSY -> table.recordRemoteAdvisory(peer, Duration.ofMillis(outcome.advisedMillis()));
      case REFUSED, TIMED_OUT, BROKEN -> table.recordFailure(peer);
    }
  }
}
