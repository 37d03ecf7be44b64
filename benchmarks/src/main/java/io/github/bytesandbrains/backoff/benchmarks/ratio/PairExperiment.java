package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.NewPeerWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.PermitWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two workloads.
 *
 * @param lap the operations after which the workloads begin again
 */
record PairExperiment(
    Target target,
    IsolatedRun.Pair pair,
    int lap,
    Supplier<Workload> ours,
    Supplier<Workload> theirs)
    implements Experiment {

  static PairExperiment of(Target target, PermitWorkload ours, PermitWorkload theirs) {
    return new PairExperiment(
        target,
        pair("PermitBenchmark", ours, theirs),
        PermitWorkload.LAP,
        ours::create,
        theirs::create);
  }

  static PairExperiment of(Target target, NewPeerWorkload ours, NewPeerWorkload theirs) {
    return new PairExperiment(
        target, pair("NewPeerBenchmark", ours, theirs), ours.peers, ours::create, theirs::create);
  }

  private static IsolatedRun.Pair pair(String benchmark, Enum<?> ours, Enum<?> theirs) {
    return new IsolatedRun.Pair(
        new IsolatedRun(benchmark, Map.of("workload", ours.name())),
        new IsolatedRun(benchmark, Map.of("workload", theirs.name())));
  }

  @Override
  public List<Target> targets() {
    return List.of(target);
  }

  @Override
  public Map<Target, IsolatedRun.Pair> isolated() {
    return Map.of(target, pair);
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    samples.accept(new PairedTimer(settings).compare(target, ours.get(), theirs.get(), lap));
  }
}
