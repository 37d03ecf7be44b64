package io.github.bytesandbrains.backoff.benchmarks.impl;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerConfig;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Failsafe circuit breaker per peer in a {@link ConcurrentHashMap}, opened by one failure. Does
 * more: success thresholds, listeners, a half-open state. Does less: the wait is one hour here, not
 * exponential; nothing is ever evicted; a failure of an open breaker is only counted. The query is
 * {@code isOpen}, which does not check whether the wait has passed. {@code tryAcquirePermit} does,
 * but reads the clock, which no other implementation does here. A success after a failure is {@code
 * close}.
 */
final class FailsafeBreakers<P> extends BackoffImpl<P> {
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
  public void know(P peer) {
    breaker(peer);
  }

  @Override
  public void cool(P peer) {
    breaker(peer).recordFailure();
  }

  @Override
  protected boolean shouldRetry(P peer, long nowNanos) {
    CircuitBreaker<Object> breaker = breakers.get(peer);
    return breaker == null || !breaker.isOpen();
  }

  @Override
  protected long recordFailure(P peer, long nowNanos) {
    breaker(peer).recordFailure();
    return 1;
  }

  @Override
  protected long recordSuccess(P peer, long nowNanos) {
    breaker(peer).close();
    return 1;
  }

  @Override
  long flap(P peer, long nowNanos) {
    CircuitBreaker<Object> breaker = breaker(peer);
    breaker.recordFailure();
    breaker.close();
    return 1;
  }
}
