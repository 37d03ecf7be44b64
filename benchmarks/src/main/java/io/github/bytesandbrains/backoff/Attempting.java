package io.github.bytesandbrains.backoff;

import dev.failsafe.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * How long an attempt and its outcome take, beside the permission and outcome of breakers. The other
 * contenders have nothing of the kind.
 */
@State(Scope.Thread)
public class Attempting extends Timed {
  private static final String PEER = "10.0.0.1:7946";
  private static final long DELAY_NANOS = 1_000;

  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().schedule(attempts -> DELAY_NANOS).build();
  private final CircuitBreakerRegistry registry = CircuitBreakerRegistry.ofDefaults();
  private final ConcurrentHashMap<String, CircuitBreaker<Object>> breakers =
      new ConcurrentHashMap<>();
  private long nowNanos = Stretch.START;

  /** Makes one peer known to the breakers. */
  @Setup
  public void fill() {
    breakers.put(PEER, CircuitBreaker.ofDefaults());
    table.restoreState("cooling", new BackoffState(1, Stretch.START, Stretch.LATER));
    table.recordFailure("due", Stretch.START);
  }

  /** An attempt at a peer that is not tracked, which succeeds. */
  @Benchmark
  public boolean succeeded() {
    return table.tryAcquire(PEER, nowNanos).orElseThrow().succeeded();
  }

  /** The same of Resilience4j: more, as it counts the success. */
  @Benchmark
  public boolean succeededResilience4j() {
    var breaker = registry.circuitBreaker(PEER);
    boolean admitted = breaker.tryAcquirePermission();
    breaker.onSuccess(1, TimeUnit.NANOSECONDS);
    return admitted;
  }

  /** The same of Failsafe: more, as it counts the success. */
  @Benchmark
  public boolean succeededFailsafe() {
    CircuitBreaker<Object> breaker = breakers.get(PEER);
    boolean admitted = breaker.tryAcquirePermit();
    breaker.recordSuccess();
    return admitted;
  }

  /** An attempt at a cooling peer, which is not admitted. */
  @Benchmark
  public boolean denied() {
    return table.tryAcquire("cooling", Stretch.SOON).isPresent();
  }

  /** The probe of a due peer, which fails. */
  @Benchmark
  public boolean probeFailed() {
    nowNanos += DELAY_NANOS;
    return table.tryAcquire("due", nowNanos).orElseThrow().failed(nowNanos);
  }
}
