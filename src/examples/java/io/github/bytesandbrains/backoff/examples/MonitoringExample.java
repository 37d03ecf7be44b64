package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Consumer;

/**
 * Meters for the table, one of them for each of the ten peers that must wait longest, and a log
 * line when a peer begins to fail and when it recovers.
 */
final class MonitoringExample {
  private final BackoffTableMetrics<String> metrics;
  private final AutoCloseable listener;

  // quoted
  MonitoringExample(
      ConcurrentBackoffTable<String> table, MeterRegistry registry, Consumer<String> log) {
    metrics = new BackoffTableMetrics<>(table, "uplink", Tags.empty()).topPeers(10, peer -> peer);
    metrics.bindTo(registry);
    listener = table.addListener((peer, change, state) -> {
      if (change == Change.FAILED && state.attempts() == 1) {
        log.accept(peer + " fails: " + table.explain(peer));
      } else if (change == Change.SUCCEEDED) {
        log.accept(peer + " works again after " + state.attempts() + " failures");
      }
    });
  }
  // end

  void stop() throws Exception {
    listener.close();
    metrics.close();
  }
}
