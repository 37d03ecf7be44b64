package io.github.bytesandbrains.backoff.micrometer;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A gauge for each of the peers that must wait longest. Each walk says anew which they are; what a gauge
 * reads is the remaining delay of its peer at that moment.
 */
final class TopPeers<P> {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final ConcurrentBackoffTable<P> table;
  private final Function<? super P, String> peerName;
  private final MultiGauge gauges;
  private volatile Map<String, P> named = Map.of();
  private boolean closed;

  TopPeers(
      ConcurrentBackoffTable<P> table, Function<? super P, String> peerName, MultiGauge gauges) {
    this.table = table;
    this.peerName = peerName;
    this.gauges = gauges;
  }

  /** Takes the peers that have gauges from now on, the longest first, which wins where names are equal. */
  synchronized void show(List<P> peers) {
    if (!closed) {
      Map<String, P> next = new HashMap<>();
      peers.forEach(peer -> next.putIfAbsent(peerName.apply(peer), peer));
      named = next;
      gauges.register(next.keySet().stream()
          .map(name -> Row.of(Tags.of("peer", name), name, this::remainingSeconds))
          .toList());
    }
  }

  private double remainingSeconds(String name) {
    P peer = named.get(name);
    return peer == null ? 0 : table.remaining(peer).toNanos() / NANOS_PER_SECOND;
  }

  /** Removes the gauges; a scrape that is under way adds none. */
  synchronized void close() {
    show(List.of());
    closed = true;
  }
}
