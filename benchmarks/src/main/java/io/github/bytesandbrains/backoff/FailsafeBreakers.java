package io.github.bytesandbrains.backoff;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Failsafe circuit breaker per peer in a {@link ConcurrentHashMap}, opened by one failure. Does
 * more: success thresholds, listeners, a half-open state. Does less: the wait is one hour here, not
 * exponential; nothing is ever evicted; a failure of an open breaker is only counted. It is asked by
 * {@code isOpen}, which does not look whether the wait is over: {@code tryAcquirePermit} does, and would
 * read the clock, which the other contenders are spared. What a success does after a failure is
 * {@code close}.
 */
final class FailsafeBreakers<P> implements Contender<P> {
  private final CircuitBreakerConfig<Object> config = CircuitBreaker.builder()
      .withFailureThreshold(1)
      .withDelay(Duration.ofHours(1))
      .build()
      .getConfig();
  private final ConcurrentHashMap<P, CircuitBreaker<Object>> breakers = new ConcurrentHashMap<>();

  private CircuitBreaker<Object> breaker(P peer) {
    CircuitBreaker<Object> breaker = breakers.get(peer);
    return breaker != null
        ? breaker
        : breakers.computeIfAbsent(peer, p -> CircuitBreaker.builder(config).build());
  }

  @Override
  public void know(P[] peers) {
    for (P peer : peers) {
      breaker(peer);
    }
  }

  @Override
  public void cool(P[] peers) {
    for (P peer : peers) {
      breaker(peer).recordFailure();
    }
  }

  @Override
  public long ask(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    int to = stretch.to();
    long may = 0;
    for (int i = stretch.from(); i < to; i++) {
      CircuitBreaker<Object> breaker = breakers.get(peers[i]);
      if (breaker == null || !breaker.isOpen()) {
        may++;
      }
    }
    return may;
  }

  @Override
  public long fail(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    int to = stretch.to();
    for (int i = stretch.from(); i < to; i++) {
      breaker(peers[i]).recordFailure();
    }
    return stretch.count();
  }

  @Override
  public long flap(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    int to = stretch.to();
    for (int i = stretch.from(); i < to; i++) {
      CircuitBreaker<Object> breaker = breaker(peers[i]);
      breaker.recordFailure();
      breaker.close();
    }
    return stretch.count();
  }

  @Override
  public long storm(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      P peer = peers[i];
      switch (Storm.at(i)) {
        case ASK -> {
          CircuitBreaker<Object> breaker = breakers.get(peer);
          sum += breaker == null || !breaker.isOpen() ? 1 : 2;
        }
        case FAIL -> breaker(peer).recordFailure();
        case SUCCEED -> breaker(peer).close();
      }
    }
    return sum;
  }

  @Override
  public Map<String, Object> parts() {
    return Map.of("all", breakers);
  }
}
