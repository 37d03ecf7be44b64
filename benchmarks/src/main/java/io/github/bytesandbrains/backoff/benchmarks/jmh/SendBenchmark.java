package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.workload.SendWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long it takes what a table does for one send, and what that is compared with. */
public class SendBenchmark extends JmhBenchmark {
  @Param
  public SendWorkload workload;

  private Workload work;

  @Setup
  public void setUp() {
    work = workload.create();
  }

  @Benchmark
  public long send() {
    return work.run(OPERATIONS);
  }
}
