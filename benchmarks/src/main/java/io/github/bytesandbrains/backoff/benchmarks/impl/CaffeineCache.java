package io.github.bytesandbrains.backoff.benchmarks.impl;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.github.bytesandbrains.backoff.BackoffState;
import java.util.concurrent.ConcurrentMap;

/**
 * One Caffeine cache from peer to an immutable record, written by {@code asMap().compute}. A peer
 * expires after the same idle time as in this library's table. Does as much about idle peers and
 * about a bound, but by recency and frequency alone, cooling or not, so that a flood evicts peers
 * that keep failing. Does less otherwise, like {@link BareMap}. Its ticker is the latest reported
 * time, a plain field, as in this library's index: a ticker that reads the clock would cost more
 * than the lookup.
 */
final class CaffeineCache<P> extends BackoffImpl<P> {
  private static final long IDLE_NANOS = 2 * MAX_DELAY_NANOS;
  private static final int MAXIMUM_PEERS = 1_000_000;

  private long latestNanos = PeerSlice.START;
  private final ConcurrentMap<P, BackoffState> map = Caffeine.newBuilder()
      .maximumSize(MAXIMUM_PEERS)
      .expireAfter(new UntilIdle<P>())
      .ticker(() -> latestNanos)
      .executor(Runnable::run)
      .<P, BackoffState>build()
      .asMap();

  /** Not {@code Expiry.writing}, which would allocate a {@code Duration} for each write. */
  private static final class UntilIdle<P> implements Expiry<P, BackoffState> {
    @Override
    public long expireAfterCreate(P peer, BackoffState state, long nowNanos) {
      return state.nextRetryNanos() + IDLE_NANOS - nowNanos;
    }

    @Override
    public long expireAfterUpdate(P peer, BackoffState state, long nowNanos, long currentNanos) {
      return expireAfterCreate(peer, state, nowNanos);
    }

    @Override
    public long expireAfterRead(P peer, BackoffState state, long nowNanos, long currentNanos) {
      return currentNanos;
    }
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
    latestNanos = nowNanos;
    return map.compute(peer, (p, state) -> afterFailure(state, nowNanos)).nextRetryNanos();
  }

  @Override
  protected long recordSuccess(P peer, long nowNanos) {
    return map.remove(peer) == null ? 2 : 1;
  }
}
