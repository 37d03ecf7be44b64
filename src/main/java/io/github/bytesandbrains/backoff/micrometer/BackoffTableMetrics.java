package io.github.bytesandbrains.backoff.micrometer;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.Scrape.Walk;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

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
 * <tr><td>{@code backoff.retry.delay.cap}</td><td>time gauge</td>
 *     <td>the schedule's longest delay, to compare with</td></tr>
 * <tr><td>{@code backoff.retry.delay.peer}</td><td>gauge</td>
 *     <td>with the tag {@code peer}: how long still; see {@link #topPeers}</td></tr>
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
 * <tr><td>{@code backoff.delays.imposed}</td>
 *     <td>{@code source} = {@code failure}, {@code advisory}</td>
 *     <td>a timer: the delays imposed and their sum, without those that are never over</td></tr>
 * <tr><td>{@code backoff.advisories.clamped}</td><td></td>
 *     <td>advisories longer than the table's maximum</td></tr>
 * <tr><td>{@code backoff.attempts}</td>
 *     <td>{@code result} = {@code admitted}, {@code denied}</td><td>attempts asked for</td></tr>
 * <tr><td>{@code backoff.probes.admitted}</td><td></td><td>attempts admitted to a due peer</td></tr>
 * <tr><td>{@code backoff.probes}</td>
 *     <td>{@code result} = {@code succeeded}, {@code failed}, {@code abandoned}, {@code lapsed}</td>
 *     <td>those of them that are over, by how; one told an advisory has failed, one not heard of has
 *     lapsed, and a stale one counts as a stale outcome</td></tr>
 * <tr><td>{@code backoff.evictions}</td><td>{@code cause} = {@code idle}, {@code size}</td>
 *     <td>peers evicted</td></tr>
 * </table>
 *
 * <p>A scrape walks the table once, however many of the gauges it reads, after it has evicted
 * what is idle. No part of it blocks a thread that records, but in a flood: when more new peers than
 * one in 128 of {@code maximumPeers} have come since, threads that record wait for their turn. The
 * registry holds the table until the meters are removed, which {@link #close()} does.
 *
 * <p>Thread-safe.
 *
 * @param <P> the type of the peers
 */
public final class BackoffTableMetrics<P> implements MeterBinder, AutoCloseable {
  private static final List<Count> COUNTS = List.of(
      outcome("failure", BackoffStats::failures),
      outcome("advisory", BackoffStats::advisories),
      outcome("success", BackoffStats::successes),
      outcome("stale", BackoffStats::staleOutcomes),
      attempt("admitted", BackoffStats::admitted),
      attempt("denied", BackoffStats::denied),
      eviction("idle", BackoffStats::idleEvictions),
      eviction("size", BackoffStats::sizeEvictions),
      probe("succeeded", BackoffStats::succeededProbes),
      probe("failed", BackoffStats::failedProbes),
      probe("abandoned", BackoffStats::abandonedProbes),
      probe("lapsed", BackoffStats::lapsedProbes),
      new Count(
          "backoff.probes.admitted",
          Tags.empty(),
          "Attempts that were admitted to a due peer",
          BackoffStats::probes),
      new Count(
          "backoff.advisories.clamped",
          Tags.empty(),
          "Advisories that were longer than the table's maximum",
          BackoffStats::clampedAdvisories));

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int MOST_TOP_PEERS = 10;

  private final ConcurrentBackoffTable<P> table;
  private final Tags tags;
  private final List<Runnable> removals = new ArrayList<>();
  private int topPeers;
  private @Nullable Function<? super P, String> peerName;

  /**
   * Creates the meters of {@code table}, to be bound to one or more registries.
   *
   * @param name the value of the tag {@code table}; tells the tables of one registry apart
   * @param tags further tags; the same keys for every table of a registry, as Prometheus demands it
   */
  public BackoffTableMetrics(ConcurrentBackoffTable<P> table, String name, Iterable<Tag> tags) {
    this.table = requireNonNull(table, "table");
    this.tags = Tags.of(requireNonNull(tags, "tags")).and("table", requireNonNull(name, "name"));
  }

  /**
   * Creates the meters of {@code table} and binds them to {@code registry}.
   *
   * @return the bound meters; they stay without it, and it is needed only to {@link #close} them
   */
  public static <P> BackoffTableMetrics<P> monitor(
      MeterRegistry registry, ConcurrentBackoffTable<P> table, String name, Iterable<Tag> tags) {
    BackoffTableMetrics<P> metrics = new BackoffTableMetrics<>(table, name, tags);
    metrics.bindTo(registry);
    return metrics;
  }

  /** {@link #monitor(MeterRegistry, ConcurrentBackoffTable, String, Iterable)}. */
  public static <P> BackoffTableMetrics<P> monitor(
      MeterRegistry registry, ConcurrentBackoffTable<P> table, String name, String... tags) {
    return monitor(registry, table, name, Tags.of(tags));
  }

  /**
   * Lets the registries that are bound from now on have the gauge {@code backoff.retry.delay.peer} for each of
   * the peers that must wait longest. Which they are is found in the walk of a scrape, so that a peer may appear
   * one scrape later. Unless asked for there is no such gauge: each peer that ever was among them is a time
   * series in the monitoring system.
   *
   * @param most how many peers have a gauge at a time, 1 to 10
   * @param peerName the value of the tag {@code peer}; of peers with equal names one has a gauge
   * @return this
   * @throws IllegalArgumentException if {@code most} is not in its bounds
   */
  public synchronized BackoffTableMetrics<P> topPeers(
      int most, Function<? super P, String> peerName) {
    if (most < 1 || most > MOST_TOP_PEERS) {
      throw new IllegalArgumentException(
          "most: " + most + " (expected: 1 to " + MOST_TOP_PEERS + ")");
    }
    this.peerName = requireNonNull(peerName, "peerName");
    topPeers = most;
    return this;
  }

  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    Scrape<P> scrape = new Scrape<>(table, topPeers, toTopPeers(registry));
    List<Meter> meters = new ArrayList<>(List.of(
        Gauge.builder("backoff.peers.tracked", scrape.gauge(Walk::tracked))
            .description("Peers whose last outcome was a failure or an advisory")
            .baseUnit("peers")
            .tags(tags)
            .register(registry),
        Gauge.builder("backoff.peers.cooling", scrape.gauge(Walk::cooling))
            .description("Tracked peers that must be left alone now")
            .baseUnit("peers")
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
            .register(registry),
        TimeGauge.builder("backoff.retry.delay.cap", () -> table.maxDelay().toNanos(), NANOSECONDS)
            .description("Longest delay of the schedule")
            .tags(tags)
            .strongReference(true)
            .register(registry),
        delays("failure", BackoffStats::failures, BackoffStats::failureDelays).register(registry),
        delays("advisory", BackoffStats::advisories, BackoffStats::advisoryDelays)
            .register(registry)));
    for (Count count : COUNTS) {
      meters.add(FunctionCounter.builder(
              count.name, table, counted -> count.value.applyAsDouble(counted.stats()))
          .description(count.description)
          .baseUnit(count.unit())
          .tags(tags.and(count.tags))
          .register(registry));
    }
    meters.forEach(meter -> removals.add(() -> registry.remove(meter)));
  }

  private Consumer<List<P>> toTopPeers(MeterRegistry registry) {
    if (peerName == null) {
      return peers -> {};
    }
    MultiGauge gauges = MultiGauge.builder("backoff.retry.delay.peer")
        .description("Remaining delay of each of the peers that must wait longest")
        .baseUnit("seconds")
        .tags(tags)
        .register(registry);
    TopPeers<P> top = new TopPeers<>(table, peerName, gauges);
    removals.add(top::close);
    return top::show;
  }

  private FunctionTimer.Builder<ConcurrentBackoffTable<P>> delays(
      String source, ToLongFunction<BackoffStats> count, Function<BackoffStats, Duration> sum) {
    return FunctionTimer.builder(
            "backoff.delays.imposed",
            table,
            counted -> count.applyAsLong(counted.stats()),
            counted -> seconds(sum.apply(counted.stats())),
            SECONDS)
        .description("Delays that were imposed on peers")
        .tags(tags.and("source", source));
  }

  private static double seconds(Duration duration) { // as nanoseconds it might overflow
    return duration.getSeconds() + duration.getNano() / NANOS_PER_SECOND;
  }

  /** Removes the meters from every registry they were bound to, which lets go of the table. */
  @Override
  public synchronized void close() {
    removals.forEach(Runnable::run);
    removals.clear();
  }

  /** A counter, before it is bound to a table. */
  private record Count(
      String name, Tags tags, String description, ToDoubleFunction<BackoffStats> value) {
    /** The second word of the name: what is counted. */
    String unit() {
      return name.split("\\.", 3)[1];
    }
  }

  private static Count outcome(String outcome, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.outcomes", Tags.of("outcome", outcome), "Outcomes that were recorded", value);
  }

  private static Count attempt(String result, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.attempts", Tags.of("result", result), "Attempts that were asked for", value);
  }

  private static Count probe(String result, ToDoubleFunction<BackoffStats> value) {
    return new Count("backoff.probes", Tags.of("result", result), "Probes that are over", value);
  }

  private static Count eviction(String cause, ToDoubleFunction<BackoffStats> value) {
    return new Count("backoff.evictions", Tags.of("cause", cause), "Peers evicted", value);
  }
}
