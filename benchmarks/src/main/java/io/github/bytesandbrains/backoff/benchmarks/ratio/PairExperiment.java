package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.SendWorkload;
import java.util.Map;

/** What the table does for a send, and what that is compared with. */
record PairExperiment(Target target, SendWorkload ours, SendWorkload theirs)
    implements Experiment.Single {
  @Override
  public Map<Target, IsolatedRun.Pair> isolated() {
    return Map.of(target, new IsolatedRun.Pair(isolated(ours), isolated(theirs)));
  }

  private static IsolatedRun isolated(SendWorkload workload) {
    return new IsolatedRun("SendBenchmark", Map.of("workload", workload.name()));
  }

  @Override
  public void run(Run run) {
    run.compare(target, ours.create(), theirs.create(), ours.lap());
  }
}
