package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * How long a permit and its outcome take, compared with the permission and the outcome of breakers;
 * see {@link Permits}. The other contenders have nothing of the kind.
 */
public class Attempting extends Timed {
  private final Work success = Permits.success();
  private final Work successOfFailsafe = Permits.successOfFailsafe();
  private final Work successOfResilience4j = Permits.successOfResilience4j();
  private final Work denial = Permits.denial();
  private final Work probeFailure = Permits.probeFailure();
  private final Work twoComputes = Permits.twoComputes();

  /** A send to a peer that is not tracked, which succeeds. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long succeeded() {
    return success.run(LOOP);
  }

  /** The same with Failsafe. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long succeededFailsafe() {
    return successOfFailsafe.run(LOOP);
  }

  /** The same with Resilience4j. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long succeededResilience4j() {
    return successOfResilience4j.run(LOOP);
  }

  /** A send to a cooling peer, which is denied. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long denied() {
    return denial.run(LOOP);
  }

  /** The probe of a due peer, which fails. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long probeFailed() {
    return probeFailure.run(LOOP);
  }

  /** What that writes, to a bare map. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long twoComputes() {
    return twoComputes.run(LOOP);
  }
}
