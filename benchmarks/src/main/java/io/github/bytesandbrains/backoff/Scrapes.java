package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.function.Consumer;

/** One scrape of all meters by one traversal of the same table which looks at each state. */
final class Scrapes implements Experiment {
  private static final Row ROW =
      Row.atMost(1.5, "one scrape of all meters, 1,000,000 peers / a bare traversal");
  private static final int PEERS = 1_000_000;
  private static final int RARER = 20;
  private static final int WARM_UP = 10;

  @Override
  public List<Row> rows() {
    return List.of(ROW);
  }

  @Override
  public int forks(int wanted) {
    return Math.min(wanted, 2);
  }

  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    Peers peers = Peers.of(settings.peers(PEERS));
    ConcurrentBackoffTable<String> table = filled(peers);
    Work scrape = scrape(table);
    Work traversal = traversal(table);
    for (int i = 0; i < WARM_UP; i++) {
      if (scrape.run(1) == 0 || traversal.run(1) == 0) {
        throw new IllegalStateException("nothing was found");
      }
    }
    int slices = Math.max(1, settings.slices() / RARER);
    samples.accept(new Interleaved(settings).compare(ROW, scrape, traversal, 1, slices));
  }

  static ConcurrentBackoffTable<String> filled(Peers peers) {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(() -> Stretch.SOON).build();
    for (String peer : peers.tracked()) {
      table.recordRemoteAdvisory(peer, Stretch.START, Contender.MAX_DELAY_NANOS);
    }
    return table;
  }

  static Work scrape(ConcurrentBackoffTable<String> table) {
    MeterRegistry registry = new SimpleMeterRegistry();
    BackoffTableMetrics.monitor(registry, table, "scraped");
    return operations -> {
      double sum = 0;
      for (int i = 0; i < operations; i++) {
        for (Meter meter : registry.getMeters()) {
          for (Measurement measurement : meter.measure()) {
            sum += measurement.getValue();
          }
        }
      }
      return (long) sum;
    };
  }

  /** Of peers of any type, as a scrape: a cast of the peer to its type would fetch it from memory. */
  static Work traversal(ConcurrentBackoffTable<?> table) {
    return operations -> {
      long[] sum = new long[1];
      for (int i = 0; i < operations; i++) {
        table.forEach((peer, state) -> sum[0] += state.nextRetryNanos() - Stretch.SOON);
      }
      return sum[0];
    };
  }
}
