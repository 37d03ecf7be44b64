package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.workload.NewPeerWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long it takes to record the first failure of a peer. */
public class NewPeerBenchmark extends JmhBenchmark {
  /** What is done, and by what. */
  @Param
  public NewPeerWorkload workload;

  private Workload work;

  /** Prepares the workload, and no other. */
  @Setup
  public void setUp() {
    work = workload.create();
  }

  /** One first failure. */
  @Benchmark
  public long firstFailure() {
    return work.run(OPERATIONS);
  }
}
