package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.ScrapeWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One scrape of all meters compared with one traversal that looks at each state of the table. */
record ScrapeExperiment(Target target, int peers) implements Experiment {
  private static final int SLICE_DIVISOR = 20;
  private static final int WARM_UP = 10;

  @Override
  public List<Target> targets() {
    return List.of(target);
  }

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
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    ConcurrentBackoffTable<String> table =
        ScrapeWorkload.coolingTable(Peers.tracked(settings.peers(peers)));
    Workload scrape = ScrapeWorkload.SCRAPE.on(table);
    Workload traversal = ScrapeWorkload.TRAVERSAL.on(table);
    for (int i = 0; i < WARM_UP; i++) {
      if (scrape.run(1) == 0 || traversal.run(1) == 0) {
        throw new IllegalStateException("nothing was found");
      }
    }
    int slices = Math.max(1, settings.slices() / SLICE_DIVISOR);
    samples.accept(new PairedTimer(settings).compare(target, scrape, traversal, 1, slices));
  }
}
