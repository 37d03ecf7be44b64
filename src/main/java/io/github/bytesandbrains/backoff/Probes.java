package io.github.bytesandbrains.backoff;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.Attempt.Lease;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The probes without an outcome, by the lease that each put into the map. A lease looks like any other
 * state; this tells, for the statistics alone, whether one that has run out was a probe's.
 *
 * <p>The keys are weak, and thus compared by identity: a lease that has left the map otherwise, as
 * somebody recorded or evicted its peer, leaves this when it is collected. So the values must not
 * reach the keys.
 */
final class Probes {
  private final Cache<BackoffState, AtomicBoolean> open =
      Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();
  private final Counters counters;

  Probes(Counters counters) {
    this.counters = counters;
  }

  /** Opens the probe that has just put {@code leased} in the place of {@code before}. */
  Lease open(BackoffState before, BackoffState leased) {
    counters.probes.increment();
    AtomicBoolean overdue = open.asMap().remove(before);
    if (overdue != null && overdue.compareAndSet(false, true)) {
      counters.lapsedProbes.increment();
    }
    Lease lease = new Lease(before, leased, new AtomicBoolean());
    open.put(leased, lease.settled());
    return lease;
  }

  /** Whether the state, that very object, is the lease of a probe without an outcome. */
  boolean isLease(BackoffState state) {
    return open.getIfPresent(state) != null;
  }

  void close(BackoffState leased) {
    open.invalidate(leased);
  }

  /** Lets go of those whose lease was collected, which else the next probe does. */
  void cleanUp() {
    open.cleanUp();
  }

  long size() {
    return open.estimatedSize();
  }
}
