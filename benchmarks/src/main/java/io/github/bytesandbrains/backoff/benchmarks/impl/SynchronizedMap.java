package io.github.bytesandbrains.backoff.benchmarks.impl;

import io.github.bytesandbrains.backoff.BackoffState;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@link HashMap} with one lock for every operation. Does less, like {@link BareMap}. In
 * addition, threads wait for each other, which a single thread does not see.
 */
final class SynchronizedMap<P> extends BackoffImpl<P> {
  private final Map<P, BackoffState> map = new HashMap<>();

  @Override
  public void cool(P peer) {
    synchronized (this) {
      map.put(peer, coolingState());
    }
  }

  @Override
  protected boolean shouldRetry(P peer, long nowNanos) {
    BackoffState state;
    synchronized (this) {
      state = map.get(peer);
    }
    return isDue(state, nowNanos);
  }

  @Override
  protected synchronized long recordFailure(P peer, long nowNanos) {
    return map.compute(peer, (p, state) -> afterFailure(state, nowNanos)).nextRetryNanos();
  }

  @Override
  protected synchronized long recordSuccess(P peer, long nowNanos) {
    return map.remove(peer) == null ? 2 : 1;
  }
}
