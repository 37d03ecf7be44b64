package io.github.bytesandbrains.backoff;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Resilience4j circuit breaker per peer, from its registry. Does more: failure and slow-call rates,
 * events, permits in the half-open state. Does less: the wait is one hour here, not exponential, and
 * nothing is ever evicted. It reads its own clock where it is open, while this library's table is told
 * the time. What a success does after a failure is {@code transitionToClosedState}.
 *
 * <p>There are two. That of {@link #openAtOnce} has the smallest window, so that one failure opens it,
 * after which it only counts, which its own decorators never do: they do not call then. That of {@link
 * #counting} has the default window of 100 calls and is kept from opening by its metrics-only state, in which it
 * does what a closed breaker does with a failure.
 */
final class ResilienceBreakers implements Contender<String> {
  private static final IOException FAILURE = new IOException("refused");

  private final CircuitBreakerRegistry registry;
  private final boolean opens;

  private ResilienceBreakers(CircuitBreakerConfig.Builder config, boolean opens) {
    this.registry = CircuitBreakerRegistry.of(
        config.waitDurationInOpenState(Duration.ofHours(1)).build());
    this.opens = opens;
  }

  static ResilienceBreakers openAtOnce() {
    return new ResilienceBreakers(
        CircuitBreakerConfig.custom().slidingWindowSize(1).minimumNumberOfCalls(1), true);
  }

  static ResilienceBreakers counting() {
    return new ResilienceBreakers(CircuitBreakerConfig.custom(), false);
  }

  @Override
  public void know(String[] peers) {
    for (String peer : peers) {
      registry.circuitBreaker(peer);
    }
  }

  @Override
  public void cool(String[] peers) {
    for (String peer : peers) {
      CircuitBreaker breaker = registry.circuitBreaker(peer);
      if (!opens) {
        breaker.transitionToMetricsOnlyState();
      }
      breaker.onError(0, TimeUnit.NANOSECONDS, FAILURE);
    }
  }

  @Override
  public long ask(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    int to = stretch.to();
    long may = 0;
    for (int i = stretch.from(); i < to; i++) {
      if (registry.circuitBreaker(peers[i]).tryAcquirePermission()) {
        may++;
      }
    }
    return may;
  }

  @Override
  public long fail(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    int to = stretch.to();
    for (int i = stretch.from(); i < to; i++) {
      registry.circuitBreaker(peers[i]).onError(0, TimeUnit.NANOSECONDS, FAILURE);
    }
    return stretch.count();
  }

  @Override
  public long flap(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    int to = stretch.to();
    for (int i = stretch.from(); i < to; i++) {
      CircuitBreaker breaker = registry.circuitBreaker(peers[i]);
      breaker.onError(0, TimeUnit.NANOSECONDS, FAILURE);
      breaker.transitionToClosedState();
    }
    return stretch.count();
  }

  @Override
  public long storm(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      String peer = peers[i];
      switch (Storm.at(i)) {
        case ASK -> {
          sum += registry.circuitBreaker(peer).tryAcquirePermission() ? 1 : 2;
        }
        case FAIL -> registry.circuitBreaker(peer).onError(0, TimeUnit.NANOSECONDS, FAILURE);
        case SUCCEED -> registry.circuitBreaker(peer).transitionToClosedState();
      }
    }
    return sum;
  }

  @Override
  public Map<String, Object> parts() {
    return Map.of("all", registry);
  }
}
