package io.github.bytesandbrains.backoff;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@link ConcurrentHashMap} from peer to the same states, which is what one writes first. Does less:
 * nothing is counted, nothing is ever evicted, there is no bound, no clock, no advisory and no probe.
 * The table works in the same JVM, and what that passes to {@code compute} shapes its code for both, as in
 * an application: alone in a JVM the bare one takes 20 ns for a failure instead of 23. Its array of bins
 * grows with the peers, as it does by default; {@link #roomy} begins with as many bins as the table does.
 */
final class BareMap<P> implements Contender<P> {
  /** The capacity with which the table's map begins. */
  private static final int TABLE_CAPACITY = 3_000;

  final ConcurrentHashMap<P, BackoffState> map;

  private BareMap(ConcurrentHashMap<P, BackoffState> map) {
    this.map = map;
  }

  static <P> BareMap<P> byDefault() {
    return new BareMap<>(new ConcurrentHashMap<>());
  }

  static <P> BareMap<P> roomy() {
    return new BareMap<>(new ConcurrentHashMap<>(TABLE_CAPACITY));
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
