package io.github.bytesandbrains.backoff.benchmarks.workload;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** What is done with a whole table. */
public enum ScrapeWorkload {
  /** Reads every meter once. */
  SCRAPE,
  /** Looks at every state once. */
  TRAVERSAL;

  /** The work on a table of any peers: casting a peer to its type would fetch it from memory. */
  public Workload on(ConcurrentBackoffTable<?> table) {
    return this == SCRAPE ? scrape(table) : traversal(table);
  }

  private static Workload scrape(ConcurrentBackoffTable<?> table) {
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

  private static Workload traversal(ConcurrentBackoffTable<?> table) {
    return operations -> {
      long[] sum = new long[1];
      for (int i = 0; i < operations; i++) {
        table.forEach((peer, state) -> sum[0] += state.nextRetryNanos() - PeerSlice.SOON);
      }
      return sum[0];
    };
  }

  /** A table of cooling peers, whose clock stands still. */
  public static ConcurrentBackoffTable<String> coolingTable(String[] peers) {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(() -> PeerSlice.SOON).build();
    for (String peer : peers) {
      table.recordRemoteAdvisory(peer, PeerSlice.START, BackoffImpl.MAX_DELAY_NANOS);
    }
    return table;
  }
}
