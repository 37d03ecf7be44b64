package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.Attempt;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Acquires an attempt from the table before a send, and tells the attempt the outcome. */
final class TryAcquirePolicy implements Policy {
  private final ConcurrentBackoffTable<Peer> table;

  /** That of the send under way. */
  private @Nullable Attempt attempt;

  TryAcquirePolicy(ConcurrentBackoffTable<Peer> table) {
    this.table = table;
  }

  @Override
  public boolean admits(Peer peer, long nowNanos) {
    attempt = table.tryAcquire(peer, nowNanos).orElse(null);
    return attempt != null;
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return table.remaining(peer, nowNanos);
  }

  @Override
  public void record(Peer peer, Outcome outcome) {
    if (attempt == null) {
      throw new IllegalStateException("no send to " + peer + " was admitted");
    }
    switch (outcome.kind()) {
      case SERVED -> attempt.succeeded();
      case BUSY -> attempt.advised(Duration.ofMillis(outcome.advisedMillis()));
      case REFUSED, TIMED_OUT, BROKEN -> attempt.failed();
    }
    attempt = null;
  }

  @Override
  public boolean probes() {
    return true;
  }

  @Override
  public void close() {
    if (attempt != null) {
      attempt.close(); // abandons it: if it was the probe of a peer, another is admitted at once
    }
  }
}
