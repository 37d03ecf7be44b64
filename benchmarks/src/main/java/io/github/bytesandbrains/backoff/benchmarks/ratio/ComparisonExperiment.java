package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One operation of this library and of others, on a number of peers. */
final class ComparisonExperiment implements Experiment {
  private static final int FEW = 1_000;

  private final Operation operation;
  private final int peers;
  private final Map<ImplType, Target> targets = new LinkedHashMap<>();

  ComparisonExperiment(Operation operation, int peers) {
    this.operation = operation;
    this.peers = peers;
  }

  /** Adds another implementation; without a limit the row is only shown. */
  ComparisonExperiment with(ImplType other, @Nullable Double atMost) {
    String name =
        String.format(Locale.ROOT, "%s, %,d peers / %s", operation.title, peers, other.title);
    targets.put(other, Target.of(atMost, name));
    return this;
  }

  @Override
  public List<Target> targets() {
    return List.copyOf(targets.values());
  }

  @Override
  public Map<Target, IsolatedRun.Pair> isolated() {
    Map<Target, IsolatedRun.Pair> pairs = new LinkedHashMap<>();
    targets.forEach((other, target) -> {
      if (target.limit() != null) {
        pairs.put(target, new IsolatedRun.Pair(isolated(ImplType.TABLE), isolated(other)));
      }
    });
    return pairs;
  }

  private IsolatedRun isolated(ImplType impl) {
    return new IsolatedRun(
        "OperationBenchmark",
        Map.of(
            "operation", operation.name(),
            "impl", impl.name(),
            "order", Peers.Order.SHUFFLED.name(),
            "peers", String.valueOf(peers)));
  }

  /** Once if nothing is judged. */
  @Override
  public int forks(int wanted) {
    return targets.values().stream().allMatch(target -> target.limit() == null) ? 1 : wanted;
  }

  /**
   * Runs every comparison once with few peers before any is measured: what ran before shapes
   * compiled code, and the first one should find the same as the last one.
   */
  @Override
  public void run(Run run) {
    String[] few = Peers.tracked(run.peers(FEW));
    targets.forEach((other, target) -> compare(other, target, few, run));
    run.samples().clear();
    String[] tracked = Peers.tracked(run.peers(peers));
    targets.forEach((other, target) -> {
      if (run.wants(target)) {
        compare(other, target, tracked, run);
      }
    });
  }

  private void compare(ImplType type, Target target, String[] tracked, Run run) {
    BackoffImpl<String> table = ImplType.TABLE.create();
    BackoffImpl<String> other = type.create();
    operation.prepare(tracked, List.of(table, other));
    String[] sequence = operation.sequence(tracked, Peers.Order.SHUFFLED);
    int lap = sequence.length;
    run.compare(
        target,
        operation.workload(table, sequence, 0),
        operation.workload(other, sequence, lap / 2),
        lap);
  }
}
