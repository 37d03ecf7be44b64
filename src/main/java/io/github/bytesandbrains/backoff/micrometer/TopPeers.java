package io.github.bytesandbrains.backoff.micrometer;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A gauge for each of the peers that must wait longest. A walk decides which peers these are; a
 * gauge reads the remaining delay of its peer at that moment.
 *
 * <p>If another scrape removes a gauge and adds it again while a registry writes a page, the page
 * may have it twice, and the Prometheus registry then throws instead of returning the page. So the
 * gauges stay as they are for a second after a removal, longer than a page takes.
 */
final class TopPeers<P> {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long PAGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ConcurrentBackoffTable<P> table;
  private final Function<? super P, String> peerName;
  private final Tags tags;
  private final OwnMeters meters;
  private final Map<String, Meter> gauges = new HashMap<>();
  private volatile Map<String, P> named = Map.of();
  private boolean removed;
  private long removedNanos;

  TopPeers(
      ConcurrentBackoffTable<P> table,
      Function<? super P, String> peerName,
      Tags tags,
      OwnMeters meters) {
    this.table = table;
    this.peerName = peerName;
    this.tags = tags;
    this.meters = meters;
  }

  /**
   * Sets the peers that have a gauge, the longest delay first, unless a gauge was removed within
   * the last second. The first of equal names wins.
   */
  synchronized void show(List<P> peers) {
    long now = table.nanoTime();
    if (removed && Long.compareUnsigned(now - removedNanos, PAGE_NANOS) < 0) {
      return;
    }
    Map<String, P> next = new HashMap<>();
    for (P peer : peers) {
      String name = nameOf(peer);
      if (name != null) {
        next.putIfAbsent(name, peer);
      }
    }
    named = next;
    List<String> gone =
        gauges.keySet().stream().filter(name -> !next.containsKey(name)).toList();
    removed = !gone.isEmpty();
    removedNanos = now;
    meters.remove(gone.stream().map(gauges::remove).toList());
    for (String name : next.keySet()) {
      gauges.computeIfAbsent(name, this::register);
    }
  }

  /** The value of the tag; null for a peer that has none, which is left out. */
  private @Nullable String nameOf(P peer) {
    try {
      return peerName.apply(peer);
    } catch (Throwable e) { // the function's fault; the other meters are right without this peer
      return null;
    }
  }

  private @Nullable Meter register(String name) {
    return meters.tryAdd(Gauge.builder("backoff.retry.delay.peer", () -> remainingSeconds(name))
        .description("Remaining delay of each of the peers that must wait longest")
        .baseUnit("seconds")
        .tags(tags.and("peer", name))::register);
  }

  private double remainingSeconds(String name) {
    P peer = named.get(name);
    if (peer == null) {
      return 0;
    }
    // Not table.remaining(peer): of a probing peer the other gauges count the whole lease too.
    return table
        .state(peer)
        .map(state -> state.remainingNanos(table.nanoTime()) / NANOS_PER_SECOND)
        .orElse(0.0);
  }
}
