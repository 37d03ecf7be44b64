package io.github.bytesandbrains.backoff;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Resilience4j circuit breaker per peer, from its registry, with the smallest window that it takes:
 * one failure opens it. Does more: failure and slow-call rates, events, permits in the half-open state.
 * Does less: the wait is one hour here, not exponential; nothing is ever evicted; a failure of an
 * open breaker is only counted. It reads its own clock where it is open, while this library's table is
 * told the time. What a success does after a failure is {@code transitionToClosedState}.
 */
final class ResilienceBreakers implements Contender<String> {
  private static final IOException FAILURE = new IOException("refused");

  private final CircuitBreakerRegistry registry =
      CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
          .slidingWindowSize(1)
          .minimumNumberOfCalls(1)
          .waitDurationInOpenState(Duration.ofHours(1))
          .build());

  @Override
  public void know(String[] peers) {
    for (String peer : peers) {
      registry.circuitBreaker(peer);
    }
  }

  @Override
  public void cool(String[] peers) {
    for (String peer : peers) {
      registry.circuitBreaker(peer).onError(0, TimeUnit.NANOSECONDS, FAILURE);
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
