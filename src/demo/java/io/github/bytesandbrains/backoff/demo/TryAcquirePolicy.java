package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Permit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Acquires a permit from the table before a send, and reports the outcome to the permit. */
final class TryAcquirePolicy implements Policy {
  private final ConcurrentBackoffTable<Peer> table;

  /** That of the send in flight. */
  private @Nullable Permit permit;

  TryAcquirePolicy(ConcurrentBackoffTable<Peer> table) {
    this.table = table;
  }

  @Override
  public boolean admits(Peer peer, long nowNanos) {
    permit = table.tryAcquire(peer, nowNanos).orElse(null);
    return permit != null;
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return table.remaining(peer, nowNanos);
  }

  @Override
  public void record(Peer peer, Outcome outcome) {
    Permit reported = permit;
    if (reported == null) {
      throw new IllegalStateException("no send to " + peer + " was admitted");
    }
    permit = null;
    try (reported) { // released if the outcome cannot be reported
      switch (outcome.kind()) {
        case SERVED -> reported.recordSuccess();
        case BUSY -> reported.recordRemoteAdvisory(Duration.ofMillis(outcome.advisedMillis()));
        case REFUSED, TIMED_OUT, BROKEN -> reported.recordFailure();
      }
    }
  }

  @Override
  public boolean probes() {
    return true;
  }

  @Override
  public void close() {
    if (permit != null) {
      permit.close(); // if it was the probe of a peer, another is admitted at once
    }
  }
}
