package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * How long it takes to ask whether a peer may be tried: a tracked one while none is cooling, a cooling
 * one, and an untracked one while others cool, which Resilience4j's registry creates.
 */
public class ShouldRetryBenchmark extends OperationBenchmark {
  /** What is asked. */
  @Param({"NOTHING_COOLING", "COOLING", "MISS"})
  public Operation operation;

  /** All but the counting breakers, which always admit. */
  @Param({
    "TABLE",
    "BARE_MAP",
    "ROOMY_MAP",
    "SYNCHRONIZED_MAP",
    "CAFFEINE",
    "RESILIENCE4J",
    "FAILSAFE",
    "KAFKA"
  })
  public ImplType impl;

  /** Fills the implementation. */
  @Setup
  public void setUp() {
    prepare(operation, impl);
  }

  /** One query. */
  @Benchmark
  public long shouldRetry() {
    return run();
  }
}
