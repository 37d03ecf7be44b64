package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long an operation takes of each implementation that tracks peers. */
public class OperationBenchmark extends JmhBenchmark {
  @Param
  public Operation operation;

  /** All but {@code RESILIENCE4J_COUNTING}, which never denies, so it cannot do every operation. */
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

  @Param({"1000", "1000000"})
  public int peers;

  /** As in the paired ratios, or as in practice. */
  @Param
  public Peers.Order order;

  private Workload workload;

  @Setup
  public void setUp() {
    String[] tracked = Peers.tracked(peers);
    BackoffImpl<String> filled = impl.create();
    operation.prepare(tracked, List.of(filled));
    workload = operation.workload(filled, operation.sequence(tracked, order), 0);
  }

  @Benchmark
  public long run() {
    return workload.run(OPERATIONS);
  }
}
