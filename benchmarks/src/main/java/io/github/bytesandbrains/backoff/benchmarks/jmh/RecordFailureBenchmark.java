package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long it takes to record one more failure of a cooling peer. */
public class RecordFailureBenchmark extends OperationBenchmark {
  /** The implementation. */
  @Param
  public ImplType impl;

  /** Fills the implementation. */
  @Setup
  public void setUp() {
    prepare(Operation.FAIL, impl);
  }

  /** One failure. */
  @Benchmark
  public long recordFailure() {
    return run();
  }
}
