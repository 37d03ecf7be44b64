package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.ScrapeWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.Map;

/** One scrape of all meters compared with one traversal that looks at each state of the table. */
record ScrapeExperiment(Target target, int peers) implements Experiment.Single {
  private static final int SLICE_DIVISOR = 20;
  private static final int WARM_UP = 10;

  @Override
  public Map<Target, IsolatedRun.Pair> isolated() {
    return Map.of(
        target,
        new IsolatedRun.Pair(isolated(ScrapeWorkload.SCRAPE), isolated(ScrapeWorkload.TRAVERSAL)));
  }

  private IsolatedRun isolated(ScrapeWorkload workload) {
    return new IsolatedRun(
        "ScrapeBenchmark", Map.of("peers", String.valueOf(peers), "workload", workload.name()));
  }

  @Override
  public int forks(int wanted) {
    return Math.min(wanted, 2);
  }

  @Override
  public void run(Run run) {
    ConcurrentBackoffTable<String> table =
        ScrapeWorkload.coolingTable(Peers.tracked(run.peers(peers)));
    Workload scrape = ScrapeWorkload.SCRAPE.on(table);
    Workload traversal = ScrapeWorkload.TRAVERSAL.on(table);
    for (int i = 0; i < WARM_UP; i++) {
      if (scrape.run(1) == 0 || traversal.run(1) == 0) {
        throw new IllegalStateException("nothing was found");
      }
    }
    int slices = Math.max(1, run.slices() / SLICE_DIVISOR);
    run.add(new PairedTimer(run.settings()).compare(target, scrape, traversal, 1, slices));
  }
}
