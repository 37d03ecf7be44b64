package io.github.bytesandbrains.backoff.benchmarks.impl;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A Resilience4j circuit breaker per peer, from its registry. Does more: failure and slow-call
 * rates, events, permits in the half-open state. Does less: the wait is one hour here, not
 * exponential, and nothing is ever evicted. An open breaker reads its own clock, while this
 * library's table is given the time. A success after a failure is {@code transitionToClosedState}.
 *
 * <p>There are two variants. {@link #openAtOnce} has the smallest window, so that one failure opens
 * the breaker. After that it only counts, which its own decorators never make it do, because they
 * do not call then. {@link #counting} has the default window of 100 calls. Its metrics-only state
 * keeps it from opening, so it does what a closed breaker does with a failure.
 */
final class Resilience4jBreakers extends BackoffImpl<String> {
  private static final IOException FAILURE = new IOException("refused");

  private final CircuitBreakerRegistry registry;
  private final boolean opens;

  private Resilience4jBreakers(CircuitBreakerConfig.Builder config, boolean opens) {
    this.registry = CircuitBreakerRegistry.of(
        config.waitDurationInOpenState(Duration.ofHours(1)).build());
    this.opens = opens;
  }

  static Resilience4jBreakers openAtOnce() {
    return new Resilience4jBreakers(
        CircuitBreakerConfig.custom().slidingWindowSize(1).minimumNumberOfCalls(1), true);
  }

  static Resilience4jBreakers counting() {
    return new Resilience4jBreakers(CircuitBreakerConfig.custom(), false);
  }

  @Override
  public void know(String peer) {
    registry.circuitBreaker(peer);
  }

  @Override
  public void cool(String peer) {
    if (!opens) {
      registry.circuitBreaker(peer).transitionToMetricsOnlyState();
    }
    recordFailure(peer, PeerSlice.START);
  }

  @Override
  protected boolean shouldRetry(String peer, long nowNanos) {
    return registry.circuitBreaker(peer).tryAcquirePermission();
  }

  @Override
  protected long recordFailure(String peer, long nowNanos) {
    registry.circuitBreaker(peer).onError(0, TimeUnit.NANOSECONDS, FAILURE);
    return 1;
  }

  @Override
  protected long recordSuccess(String peer, long nowNanos) {
    registry.circuitBreaker(peer).transitionToClosedState();
    return 1;
  }

  @Override
  long flap(String peer, long nowNanos) {
    CircuitBreaker breaker = registry.circuitBreaker(peer);
    breaker.onError(0, TimeUnit.NANOSECONDS, FAILURE);
    breaker.transitionToClosedState();
    return 1;
  }
}
