package io.github.bytesandbrains.backoff.micrometer;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.Scrape.Walk;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;

/**
 * The meters of a {@link ConcurrentBackoffTable}. Their number does not depend on the number of
 * peers. Each carries the tag {@code table}, the name of the table, and those that the caller adds.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>what it tells</th></tr>
 * <tr><td>{@code backoff.peers.tracked}</td><td>gauge</td><td>peers that failed last</td></tr>
 * <tr><td>{@code backoff.peers.cooling}</td><td>gauge</td>
 *     <td>those of them that must be left alone now</td></tr>
 * <tr><td>{@code backoff.retry.delay.max}</td><td>time gauge</td>
 *     <td>how long still, for the cooling peer that must wait longest; 0 if none is cooling</td></tr>
 * <tr><td>{@code backoff.retry.delay.mean}</td><td>time gauge</td>
 *     <td>the same, the mean over the cooling peers</td></tr>
 * </table>
 *
 * <p>A scrape walks the table once, however many of these meters it reads, after it has evicted
 * what is idle; a walk never blocks a thread that records. The registry holds the table until the
 * meters are removed, which {@link #close()} does.
 *
 * <p>Thread-safe.
 */
public final class BackoffTableMetrics implements MeterBinder, AutoCloseable {
  private final ConcurrentBackoffTable<?> table;
  private final Tags tags;
  private final List<Runnable> removals = new ArrayList<>();

  /**
   * Creates the meters of {@code table}, to be bound to one or more registries.
   *
   * @param name the value of the tag {@code table}; tells the tables of one registry apart
   * @param tags further tags; the same keys for every table of a registry, as Prometheus demands it
   */
  public BackoffTableMetrics(ConcurrentBackoffTable<?> table, String name, Iterable<Tag> tags) {
    this.table = requireNonNull(table, "table");
    this.tags = Tags.of(requireNonNull(tags, "tags")).and("table", requireNonNull(name, "name"));
  }

  /**
   * Creates the meters of {@code table} and binds them to {@code registry}.
   *
   * @return the bound meters; they stay without it, and it is needed only to {@link #close} them
   */
  public static BackoffTableMetrics monitor(
      MeterRegistry registry, ConcurrentBackoffTable<?> table, String name, Iterable<Tag> tags) {
    BackoffTableMetrics metrics = new BackoffTableMetrics(table, name, tags);
    metrics.bindTo(registry);
    return metrics;
  }

  /** {@link #monitor(MeterRegistry, ConcurrentBackoffTable, String, Iterable)}. */
  public static BackoffTableMetrics monitor(
      MeterRegistry registry, ConcurrentBackoffTable<?> table, String name, String... tags) {
    return monitor(registry, table, name, Tags.of(tags));
  }

  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    Scrape scrape = new Scrape(table);
    List<Meter> meters = List.of(
        Gauge.builder("backoff.peers.tracked", scrape.gauge(Walk::tracked))
            .description("Peers whose last outcome was a failure or an advisory")
            .tags(tags)
            .register(registry),
        Gauge.builder("backoff.peers.cooling", scrape.gauge(Walk::cooling))
            .description("Tracked peers that must be left alone now")
            .tags(tags)
            .register(registry),
        TimeGauge.builder("backoff.retry.delay.max", scrape.gauge(Walk::longestNanos), NANOSECONDS)
            .description("Longest remaining delay of the cooling peers")
            .tags(tags)
            .strongReference(true)
            .register(registry),
        TimeGauge.builder("backoff.retry.delay.mean", scrape.gauge(Walk::meanNanos), NANOSECONDS)
            .description("Mean remaining delay of the cooling peers")
            .tags(tags)
            .strongReference(true)
            .register(registry));
    meters.forEach(meter -> removals.add(() -> registry.remove(meter)));
  }

  /** Removes the meters from every registry they were bound to, which lets go of the table. */
  @Override
  public synchronized void close() {
    removals.forEach(Runnable::run);
    removals.clear();
  }
}
