package io.github.bytesandbrains.backoff.micrometer;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.Scrape.Walk;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

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
 * <p>A peer that is being probed counts as cooling, for the rest of the probe's lease.
 *
 * <p>The counters are those of {@link ConcurrentBackoffTable#stats()}, since the table was created:
 *
 * <table>
 * <caption>Counters</caption>
 * <tr><th>name</th><th>tag</th><th>what is counted</th></tr>
 * <tr><td>{@code backoff.outcomes}</td>
 *     <td>{@code outcome} = {@code failure}, {@code advisory}, {@code success}, {@code stale}</td>
 *     <td>outcomes by what they were; a stale one changed nothing</td></tr>
 * <tr><td>{@code backoff.advisories.clamped}</td><td></td>
 *     <td>advisories longer than the table's maximum</td></tr>
 * <tr><td>{@code backoff.attempts}</td>
 *     <td>{@code result} = {@code admitted}, {@code denied}</td><td>attempts asked for</td></tr>
 * <tr><td>{@code backoff.probes}</td><td></td><td>attempts admitted to a due peer</td></tr>
 * <tr><td>{@code backoff.probes.lapsed}</td><td></td><td>probes that were not heard of</td></tr>
 * <tr><td>{@code backoff.evictions}</td><td>{@code cause} = {@code idle}, {@code size}</td>
 *     <td>peers evicted</td></tr>
 * </table>
 *
 * <p>A scrape walks the table once, however many of the gauges it reads, after it has evicted
 * what is idle; a walk never blocks a thread that records. The registry holds the table until the
 * meters are removed, which {@link #close()} does.
 *
 * <p>Thread-safe.
 */
public final class BackoffTableMetrics implements MeterBinder, AutoCloseable {
  private static final List<Count> COUNTS = List.of(
      outcome("failure", BackoffStats::failures),
      outcome("advisory", BackoffStats::advisories),
      outcome("success", BackoffStats::successes),
      outcome("stale", BackoffStats::staleOutcomes),
      attempt("admitted", BackoffStats::admitted),
      attempt("denied", BackoffStats::denied),
      eviction("idle", BackoffStats::idleEvictions),
      eviction("size", BackoffStats::sizeEvictions),
      new Count(
          "backoff.advisories.clamped",
          Tags.empty(),
          "Advisories that were longer than the table's maximum",
          BackoffStats::clampedAdvisories),
      new Count(
          "backoff.probes",
          Tags.empty(),
          "Attempts that were admitted to a due peer",
          BackoffStats::probes),
      new Count(
          "backoff.probes.lapsed",
          Tags.empty(),
          "Probes that were not heard of until another was admitted",
          BackoffStats::lapsedProbes));

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
    List<Meter> meters = new ArrayList<>(List.of(
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
            .register(registry)));
    for (Count count : COUNTS) {
      meters.add(FunctionCounter.builder(
              count.name, table, counted -> count.value.applyAsDouble(counted.stats()))
          .description(count.description)
          .tags(tags.and(count.tags))
          .register(registry));
    }
    meters.forEach(meter -> removals.add(() -> registry.remove(meter)));
  }

  /** Removes the meters from every registry they were bound to, which lets go of the table. */
  @Override
  public synchronized void close() {
    removals.forEach(Runnable::run);
    removals.clear();
  }

  /** A counter, before it is bound to a table. */
  private record Count(
      String name, Tags tags, String description, ToDoubleFunction<BackoffStats> value) {}

  private static Count outcome(String outcome, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.outcomes", Tags.of("outcome", outcome), "Outcomes that were recorded", value);
  }

  private static Count attempt(String result, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.attempts", Tags.of("result", result), "Attempts that were asked for", value);
  }

  private static Count eviction(String cause, ToDoubleFunction<BackoffStats> value) {
    return new Count("backoff.evictions", Tags.of("cause", cause), "Peers evicted", value);
  }
}
