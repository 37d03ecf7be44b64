package io.github.bytesandbrains.backoff;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;

/**
 * One Caffeine cache from peer to an immutable record, written by {@code asMap().compute}, each peer
 * expiring when it has been idle for as long as in this library's table. Does as much about idle peers
 * and about a bound (though by recency and frequency alone, cooling or not, so that a flood drives
 * out peers that keep failing); does less otherwise, as {@link BareMap}. Its ticker is the time that
 * it was told, a plain field, as in this library's index: a ticker that reads the clock would cost
 * more than the look-up.
 */
final class CaffeineAlone<P> implements Contender<P> {
  private static final long IDLE_NANOS = 2 * MAX_DELAY_NANOS;
  private static final int MAXIMUM_PEERS = 1_000_000;

  private long toldNanos = Stretch.START;
  private final ConcurrentMap<P, BackoffState> map = Caffeine.newBuilder()
      .maximumSize(MAXIMUM_PEERS)
      .expireAfter(new UntilIdle<P>())
      .ticker(() -> toldNanos)
      .executor(Runnable::run)
      .<P, BackoffState>build()
      .asMap();

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
  public void know(P[] peers) {
    cool(peers);
  }

  @Override
  public void cool(P[] peers) {
    for (P peer : peers) {
      map.put(peer, Contender.cooling());
    }
  }

  @Override
  public long ask(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long may = 0;
    for (int i = stretch.from(); i < to; i++) {
      BackoffState state = map.get(peers[i]);
      if (state == null || !state.isCooling(now)) {
        may++;
      }
    }
    return may;
  }

  @Override
  public long fail(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      sum += failed(peers[i], now).nextRetryNanos();
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public long flap(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      P peer = peers[i];
      sum += failed(peer, now).nextRetryNanos();
      if (map.remove(peer) != null) {
        sum++;
      }
      now += STEP_NANOS;
    }
    return sum;
  }

  private BackoffState failed(P peer, long nowNanos) {
    toldNanos = nowNanos;
    return map.compute(peer, (p, state) -> Contender.failed(state, nowNanos));
  }

  @Override
  public long storm(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      P peer = peers[i];
      switch (Storm.at(i)) {
        case ASK -> {
          BackoffState state = map.get(peer);
          sum += state == null || !state.isCooling(now) ? 1 : 2;
        }
        case FAIL -> sum += failed(peer, now).nextRetryNanos();
        case SUCCEED -> sum += map.remove(peer) == null ? 1 : 2;
      }
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public Map<String, Object> parts() {
    return Map.of("all", map);
  }
}
