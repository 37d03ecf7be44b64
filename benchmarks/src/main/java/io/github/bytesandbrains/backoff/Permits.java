package io.github.bytesandbrains.backoff;

import dev.failsafe.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Acquiring a permit and reporting its outcome, compared with the permission and the outcome of
 * breakers. Breakers do more: they count the success.
 */
final class Permits {
  private static final Peers PEERS = Peers.of(Experiments.FEW);
  private static final int LAP = PEERS.sequence().length;

  /** As long as a step of the time, so that each peer is due when its turn comes again. */
  private static final Duration DELAY = Duration.ofNanos(Contender.STEP_NANOS);

  private static final Duration IDLE_TIMEOUT = Duration.ofDays(1);

  private Permits() {}

  static List<Experiment> experiments() {
    return List.of(
        new Comparison(
            Row.atMost(1, "permit and success, untracked / Failsafe breakers"),
            LAP,
            Permits::success,
            Permits::successOfFailsafe),
        new Comparison(
            Row.atMost(0.4, "permit and success, untracked / Resilience4j breakers"),
            LAP,
            Permits::success,
            Permits::successOfResilience4j),
        new Comparison(
            Row.atMost(2.5, "permit and failure, due / two computes of a bare ConcurrentHashMap"),
            LAP,
            Permits::probeFailure,
            Permits::twoComputes));
  }

  /** One operation on a peer. */
  @FunctionalInterface
  private interface Step {
    long run(String peer, long nowNanos);
  }

  private static Work work(Step step) {
    return new Work() {
      private int at;
      private long nowNanos = Stretch.SOON;

      @Override
      public long run(int operations) {
        long sum = 0;
        for (int i = 0; i < operations; i++) {
          at = at + 1 == LAP ? 0 : at + 1;
          nowNanos += Contender.STEP_NANOS;
          sum += step.run(PEERS.sequence()[at], nowNanos);
        }
        return sum;
      }
    };
  }

  /** Of peers that are not tracked. */
  static Work success() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    return work((peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordSuccess() ? 1 : 0);
  }

  static Work successOfFailsafe() {
    ConcurrentHashMap<String, CircuitBreaker<Object>> breakers = new ConcurrentHashMap<>();
    for (String peer : PEERS.tracked()) {
      breakers.put(peer, CircuitBreaker.ofDefaults());
    }
    return work((peer, now) -> {
      CircuitBreaker<Object> breaker = breakers.get(peer);
      long admitted = breaker.tryAcquirePermit() ? 1 : 0;
      breaker.recordSuccess();
      return admitted;
    });
  }

  static Work successOfResilience4j() {
    CircuitBreakerRegistry registry = CircuitBreakerRegistry.ofDefaults();
    return work((peer, now) -> {
      var breaker = registry.circuitBreaker(peer);
      long admitted = breaker.tryAcquirePermission() ? 1 : 0;
      breaker.onSuccess(1, TimeUnit.NANOSECONDS);
      return admitted;
    });
  }

  /** Of peers that are cooling. */
  static Work denial() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    for (String peer : PEERS.tracked()) {
      table.restoreState(peer, new BackoffState(1, Stretch.START, Stretch.LATER));
    }
    return work((peer, now) -> table.tryAcquire(peer, Stretch.SOON).isPresent() ? 1 : 2);
  }

  /** Of peers that are due. */
  static Work probeFailure() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(DELAY, DELAY))
        .idleTimeout(IDLE_TIMEOUT)
        .build();
    for (String peer : PEERS.tracked()) {
      table.recordFailure(peer, Stretch.START);
    }
    Work work =
        work((peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordFailure(now) ? 1 : 0);
    work.run(LAP);
    long failed = table.stats().failedProbes();
    if (failed != LAP) {
      throw new IllegalStateException("failed probes: " + failed + " (expected: " + LAP + ")");
    }
    return work;
  }

  /** What a permit and a failure write: a bare map holds a lease, and then a state, as well. */
  static Work twoComputes() {
    ConcurrentHashMap<String, BackoffState> map = new ConcurrentHashMap<>();
    return work((peer, now) -> {
      map.compute(peer, (p, state) -> Contender.failed(state, now));
      return map.compute(peer, (p, state) -> Contender.failed(state, now)).nextRetryNanos();
    });
  }
}
