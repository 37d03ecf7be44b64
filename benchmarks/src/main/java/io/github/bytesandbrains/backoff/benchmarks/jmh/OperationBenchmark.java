package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/** One operation on an implementation that tracks peers. */
public abstract class OperationBenchmark extends JmhBenchmark {
  /** How many peers there are. */
  @Param({"1000", "1000000"})
  public int peers;

  /** As in the paired ratios, or as in practice. */
  @Param
  public Peers.Order order;

  private Workload workload;

  final void prepare(Operation operation, ImplType type) {
    String[] tracked = Peers.tracked(peers);
    BackoffImpl<String> impl = type.create();
    operation.prepare(tracked, List.of(impl));
    workload = operation.workload(impl, operation.sequence(tracked, order), 0);
  }

  final long run() {
    return workload.run(OPERATIONS);
  }
}
