package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The meters of all tables, for as long as the application context is open. */
final class TableMeters implements MeterBinder, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(TableMeters.class.getName());

  private final List<BackoffTableMetrics<?>> meters = new ArrayList<>();

  TableMeters(Map<String, ConcurrentBackoffTable<?>> tables, int topPeers) {
    for (Map.Entry<String, ConcurrentBackoffTable<?>> table : tables.entrySet()) {
      meters.add(meters(table.getKey(), table.getValue(), topPeers));
    }
  }

  private static <P> BackoffTableMetrics<P> meters(
      String name, ConcurrentBackoffTable<P> table, int topPeers) {
    BackoffTableMetrics<P> meters = new BackoffTableMetrics<>(table, name, Tags.empty());
    if (topPeers != 0) {
      TableProperties.set(
          "backoff.metrics.top-peers", topPeers, most -> meters.topPeers(most, String::valueOf));
    }
    return meters;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    meters.forEach(table -> tryBind(table, registry));
  }

  /** The application, or another one, may have bound the meters of its table itself. */
  static void tryBind(MeterBinder meters, MeterRegistry registry) {
    try {
      meters.bindTo(registry);
    } catch (IllegalStateException e) {
      LOGGER.log(System.Logger.Level.WARNING, "A table has no meters", e);
    }
  }

  @Override
  public void close() {
    meters.forEach(BackoffTableMetrics::close);
  }
}
