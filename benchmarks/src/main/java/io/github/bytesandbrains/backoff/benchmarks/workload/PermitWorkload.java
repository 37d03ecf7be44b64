package io.github.bytesandbrains.backoff.benchmarks.workload;

import dev.failsafe.CircuitBreaker;
import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.impl.StepLoop;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Acquiring a permit and reporting its outcome, and what it is compared with: the permission and the
 * outcome of breakers, which do more, because they count the success; and a bare map.
 */
public enum PermitWorkload {
  /** A send to an untracked peer succeeds. */
  SUCCESS(PermitWorkload::success),
  SUCCESS_OF_FAILSAFE(PermitWorkload::successOfFailsafe),
  SUCCESS_OF_RESILIENCE4J(PermitWorkload::successOfResilience4j),
  /** A send to a cooling peer is denied. */
  DENIAL(PermitWorkload::denial),
  /** The probe of a due peer fails. */
  PROBE_FAILURE(PermitWorkload::probeFailure),
  /** What a failed probe writes, to a bare map: a lease, and then a state. */
  TWO_COMPUTES(PermitWorkload::twoComputes);

  private static final String[] PEERS = Peers.tracked(1_000);
  private static final String[] SEQUENCE = Peers.Order.SHUFFLED.of(PEERS);

  /** The operations after which the work begins again. */
  public static final int LAP = SEQUENCE.length;

  /** One step of the time, so that each peer is due when its turn comes again. */
  private static final Duration DELAY = Duration.ofNanos(BackoffImpl.STEP_NANOS);

  private static final Duration IDLE_TIMEOUT = Duration.ofDays(1);

  private final Supplier<Workload> create;

  PermitWorkload(Supplier<Workload> create) {
    this.create = create;
  }

  /** The work, on a table, a map or breakers of its own. */
  public Workload create() {
    return create.get();
  }

  private static Workload workload(StepLoop.Step step) {
    StepLoop loop = StepLoop.create();
    return Workload.over(
        SEQUENCE, 0, PeerSlice.SOON, BackoffImpl.STEP_NANOS, slice -> loop.run(step, slice));
  }

  private static Workload success() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    return workload(
        (peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordSuccess() ? 1 : 0);
  }

  private static Workload successOfFailsafe() {
    ConcurrentHashMap<String, CircuitBreaker<Object>> breakers = new ConcurrentHashMap<>();
    for (String peer : PEERS) {
      breakers.put(peer, CircuitBreaker.ofDefaults());
    }
    return workload((peer, now) -> {
      CircuitBreaker<Object> breaker = breakers.get(peer);
      long admitted = breaker.tryAcquirePermit() ? 1 : 0;
      breaker.recordSuccess();
      return admitted;
    });
  }

  private static Workload successOfResilience4j() {
    CircuitBreakerRegistry registry = CircuitBreakerRegistry.ofDefaults();
    return workload((peer, now) -> {
      var breaker = registry.circuitBreaker(peer);
      long admitted = breaker.tryAcquirePermission() ? 1 : 0;
      breaker.onSuccess(1, TimeUnit.NANOSECONDS);
      return admitted;
    });
  }

  private static Workload denial() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    for (String peer : PEERS) {
      table.restoreState(peer, new BackoffState(1, PeerSlice.START, PeerSlice.LATER));
    }
    return workload((peer, now) -> table.tryAcquire(peer, PeerSlice.SOON).isPresent() ? 1 : 2);
  }

  private static Workload probeFailure() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(DELAY, DELAY))
        .idleTimeout(IDLE_TIMEOUT)
        .build();
    for (String peer : PEERS) {
      table.recordFailure(peer, PeerSlice.START);
    }
    Workload workload = workload(
        (peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordFailure(now) ? 1 : 0);
    workload.run(LAP);
    long failed = table.stats().failedProbes();
    if (failed != LAP) {
      throw new IllegalStateException("failed probes: " + failed + " (expected: " + LAP + ")");
    }
    return workload;
  }

  private static Workload twoComputes() {
    ConcurrentHashMap<String, BackoffState> map = new ConcurrentHashMap<>();
    return workload((peer, now) -> {
      map.compute(peer, (p, state) -> BackoffImpl.afterFailure(state, now));
      return map.compute(peer, (p, state) -> BackoffImpl.afterFailure(state, now))
          .nextRetryNanos();
    });
  }
}
