package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long a failure and then a success take, of peers that come and go while others stay tracked. */
public class FlapBenchmark extends OperationBenchmark {
  /** The implementation. */
  @Param
  public ImplType impl;

  /** Fills the implementation. */
  @Setup
  public void setUp() {
    prepare(Operation.FLAP, impl);
  }

  /** A failure, then a success. */
  @Benchmark
  public long failureThenSuccess() {
    return run();
  }
}
