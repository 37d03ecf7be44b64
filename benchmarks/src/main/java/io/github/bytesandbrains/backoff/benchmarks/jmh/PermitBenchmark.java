package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.workload.PermitWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long a permit and its outcome take, compared with those of breakers and with a bare map. */
public class PermitBenchmark extends JmhBenchmark {
  /** What is done, and by what. */
  @Param
  public PermitWorkload workload;

  private Workload work;

  /** Prepares the workload, and no other. */
  @Setup
  public void setUp() {
    work = workload.create();
  }

  /** A permit and its outcome, or what it is compared with. */
  @Benchmark
  public long permit() {
    return work.run(OPERATIONS);
  }
}
