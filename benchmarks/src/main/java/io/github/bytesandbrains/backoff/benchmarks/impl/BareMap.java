package io.github.bytesandbrains.backoff.benchmarks.impl;

import io.github.bytesandbrains.backoff.BackoffState;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@link ConcurrentHashMap} from peer to the same states, which is what one writes first. Does
 * less: nothing is counted, nothing is ever evicted, and there is no bound, no clock, no advisory
 * and no probe. Its array of bins grows with the peers, as it does by default; {@link #roomy}
 * begins with as many bins as the table does.
 */
public final class BareMap<P> extends BackoffImpl<P> {
  /** The initial capacity of the table's map. */
  private static final int TABLE_CAPACITY = 3_000;

  private final ConcurrentHashMap<P, BackoffState> map;

  public BareMap() {
    this(new ConcurrentHashMap<>());
  }

  private BareMap(ConcurrentHashMap<P, BackoffState> map) {
    this.map = map;
  }

  static <P> BareMap<P> roomy() {
    return new BareMap<>(new ConcurrentHashMap<>(TABLE_CAPACITY));
  }

  @Override
  public void cool(P peer) {
    map.put(peer, coolingState());
  }

  @Override
  protected boolean shouldRetry(P peer, long nowNanos) {
    return isDue(map.get(peer), nowNanos);
  }

  @Override
  protected long recordFailure(P peer, long nowNanos) {
    return map.compute(peer, (p, state) -> afterFailure(state, nowNanos)).nextRetryNanos();
  }

  @Override
  protected long recordSuccess(P peer, long nowNanos) {
    return map.remove(peer) == null ? 2 : 1;
  }
}
