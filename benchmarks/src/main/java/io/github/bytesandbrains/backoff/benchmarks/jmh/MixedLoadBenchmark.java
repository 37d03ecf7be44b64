package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long an operation of a mix takes: 90 % queries, 8 % failures, 2 % successes. */
public class MixedLoadBenchmark extends OperationBenchmark {
  /** The implementation. */
  @Param
  public ImplType impl;

  /** Fills the implementation. */
  @Setup
  public void setUp() {
    prepare(Operation.MIXED_LOAD, impl);
  }

  /** One operation of the mix. */
  @Benchmark
  public long mixedLoad() {
    return run();
  }
}
