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
import io.micrometer.core.instrument.MeterRegistry;
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
 * peers. Each one has the tag {@code table}, the name of the table, and the tags that the caller
 * adds.
 *
 * <table>
 * <caption>Gauges</caption>
 * <tr><th>name</th><th>type</th><th>meaning</th></tr>
 * <tr><td>{@code backoff.peers.tracked}</td><td>gauge</td>
 *     <td>peers whose last outcome was a failure or an advisory, or that were postponed</td></tr>
 * <tr><td>{@code backoff.peers.cooling}</td><td>gauge</td>
 *     <td>tracked peers that must be left alone now</td></tr>
 * <tr><td>{@code backoff.retry.delay.max}</td><td>time gauge</td>
 *     <td>longest remaining delay of the cooling peers; 0 if no peer is cooling</td></tr>
 * <tr><td>{@code backoff.retry.delay.mean}</td><td>time gauge</td>
 *     <td>mean remaining delay of the cooling peers; 0 if no peer is cooling</td></tr>
 * <tr><td>{@code backoff.retry.delay.cap}</td><td>time gauge</td>
 *     <td>the schedule's longest delay, for comparison</td></tr>
 * <tr><td>{@code backoff.retry.delay.peer}</td><td>gauge</td>
 *     <td>remaining delay of the peer that the tag {@code peer} names; see {@link #topPeers}</td>
 * </tr>
 * </table>
 *
 * <p>Idle peers are not counted. A peer that is being probed counts as cooling for the rest of the
 * probe's lease.
 *
 * <p>The counters are those of {@link ConcurrentBackoffTable#stats()}, since the table was created:
 *
 * <table>
 * <caption>Counters</caption>
 * <tr><th>name</th><th>tag</th><th>what is counted</th></tr>
 * <tr><td>{@code backoff.outcomes}</td>
 *     <td>{@code outcome} = {@code failure}, {@code advisory}, {@code success}, {@code stale}</td>
 *     <td>outcomes by kind. A success is one that made the table forget a tracked peer, so this is
 *     not a success rate; a stale outcome did not count</td></tr>
 * <tr><td>{@code backoff.delays.imposed}</td>
 *     <td>{@code source} = {@code failure}, {@code advisory}</td>
 *     <td>a timer: the delays imposed and their sum, without delays that never end</td></tr>
 * <tr><td>{@code backoff.advisories.clamped}</td><td></td>
 *     <td>advisories longer than the table's maximum</td></tr>
 * <tr><td>{@code backoff.advisories.stale}</td><td></td>
 *     <td>stale advisories that postponed their peer; they are stale outcomes too</td></tr>
 * <tr><td>{@code backoff.permits}</td>
 *     <td>{@code result} = {@code granted}, {@code denied}</td><td>permits requested</td></tr>
 * <tr><td>{@code backoff.probes.granted}</td><td></td>
 *     <td>permits granted for a due peer</td></tr>
 * <tr><td>{@code backoff.probes}</td>
 *     <td>{@code result} = {@code succeeded}, {@code failed}, {@code released}, {@code lapsed}</td>
 *     <td>probes by how they ended; an advisory is a failure. A probe has lapsed if it lost its
 *     lease before it reported. A probe that was released or has lapsed may still report, and then
 *     counts twice. A probe whose outcome is stale counts as a stale outcome only</td></tr>
 * <tr><td>{@code backoff.evictions}</td><td>{@code cause} = {@code idle}, {@code size}</td>
 *     <td>peers evicted</td></tr>
 * </table>
 *
 * <p>A scrape walks the table once, however many of the gauges it reads. Once per idle timeout of
 * the table, but at most once a minute and at least once an hour, it also evicts idle peers. No
 * thread that records a known peer waits for a scrape. The registry holds the table until {@link
 * #close()} removes the meters.
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
      permit("granted", BackoffStats::granted),
      permit("denied", BackoffStats::denied),
      eviction("idle", BackoffStats::idleEvictions),
      eviction("size", BackoffStats::sizeEvictions),
      probe("succeeded", BackoffStats::succeededProbes),
      probe("failed", BackoffStats::failedProbes),
      probe("released", BackoffStats::releasedProbes),
      probe("lapsed", BackoffStats::lapsedProbes),
      new Count(
          "backoff.probes.granted",
          Tags.empty(),
          "Permits that were granted for a due peer",
          BackoffStats::probes),
      new Count(
          "backoff.advisories.stale",
          Tags.empty(),
          "Stale advisories that postponed their peer",
          BackoffStats::staleAdvisories),
      new Count(
          "backoff.advisories.clamped",
          Tags.empty(),
          "Advisories that were longer than the table's maximum",
          BackoffStats::clampedAdvisories));

  private static final String TRACKED = "backoff.peers.tracked";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int MOST_TOP_PEERS = 10;

  private final ConcurrentBackoffTable<P> table;
  private final Tags tags;
  private final List<OwnMeters> bound = new ArrayList<>();
  private int topPeers;
  private @Nullable Function<? super P, String> peerName;

  /**
   * Creates the meters of {@code table}, to be bound to one or more registries.
   *
   * @param name the value of the tag {@code table}, which distinguishes the tables of a registry
   * @param tags further tags; Prometheus requires the same keys for every table of a registry
   */
  public BackoffTableMetrics(ConcurrentBackoffTable<P> table, String name, Iterable<Tag> tags) {
    this.table = requireNonNull(table, "table");
    this.tags = Tags.of(requireNonNull(tags, "tags")).and("table", requireNonNull(name, "name"));
  }

  /**
   * Creates the meters of {@code table} and binds them to {@code registry}.
   *
   * @return the bound meters; needed only to {@link #close} them
   * @throws IllegalStateException if the registry has meters of that name and tags already
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
   * Adds the gauge {@code backoff.retry.delay.peer} for each of the peers that must wait longest.
   * To be called before {@link #bindTo}. The walk of a scrape finds these peers, so a peer may
   * appear one scrape late, or a second late if gauges were removed just before. There is no such
   * gauge by default, because each peer that was ever among them is a time series in the monitoring
   * system.
   *
   * @param most how many peers have a gauge at a time, 1 to 10
   * @param peerName returns the value of the tag {@code peer}. Only one of several peers with the
   *     same name has a gauge. A peer for which it throws or returns null has none
   * @return this
   * @throws IllegalArgumentException if {@code most} is out of bounds
   * @throws IllegalStateException if a registry is bound already
   */
  public synchronized BackoffTableMetrics<P> topPeers(
      int most, Function<? super P, String> peerName) {
    if (most < 1 || most > MOST_TOP_PEERS) {
      throw new IllegalArgumentException(
          "most: " + most + " (expected: 1 to " + MOST_TOP_PEERS + ")");
    }
    if (!bound.isEmpty()) {
      throw new IllegalStateException("topPeers: " + most + " (expected: before bindTo)");
    }
    this.peerName = requireNonNull(peerName, "peerName");
    topPeers = most;
    return this;
  }

  /**
   * Adds the meters to a registry.
   *
   * @throws IllegalStateException if the registry has meters of that name and tags already, also if
   *     they are those of this object; then it is left as it was
   */
  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    OwnMeters meters = new OwnMeters(requireNonNull(registry, "registry"));
    Scrape<P> scrape = new Scrape<>(table, topPeers, toTopPeers(meters));
    List<OwnMeters.Registration> registrations = new ArrayList<>(gauges(scrape));
    registrations.add(
        delays("failure", BackoffStats::failures, BackoffStats::failureDelays)::register);
    registrations.add(
        delays("advisory", BackoffStats::advisories, BackoffStats::advisoryDelays)::register);
    for (Count count : COUNTS) {
      registrations.add(counter(count)::register);
    }
    meters.addAll(TRACKED, tags, registrations);
    bound.add(meters);
  }

  private List<OwnMeters.Registration> gauges(Scrape<P> scrape) {
    return List.of(
        Gauge.builder(TRACKED, scrape.gauge(Walk::tracked))
            .description("Peers whose last outcome was no success, or that were postponed")
            .tags(tags)::register,
        Gauge.builder("backoff.peers.cooling", scrape.gauge(Walk::cooling))
            .description("Tracked peers that must be left alone now")
            .tags(tags)::register,
        TimeGauge.builder("backoff.retry.delay.max", scrape.gauge(Walk::longestNanos), NANOSECONDS)
            .description("Longest remaining delay of the cooling peers")
            .tags(tags)
            .strongReference(true)::register,
        TimeGauge.builder("backoff.retry.delay.mean", scrape.gauge(Walk::meanNanos), NANOSECONDS)
            .description("Mean remaining delay of the cooling peers")
            .tags(tags)
            .strongReference(true)::register,
        TimeGauge.builder("backoff.retry.delay.cap", () -> table.maxDelay().toNanos(), NANOSECONDS)
            .description("Longest delay of the schedule")
            .tags(tags)
            .strongReference(true)::register);
  }

  private FunctionCounter.Builder<ConcurrentBackoffTable<P>> counter(Count count) {
    return FunctionCounter.builder(
            count.name, table, counted -> count.value.applyAsDouble(counted.stats()))
        .description(count.description)
        .tags(tags.and(count.tags));
  }

  private Consumer<List<P>> toTopPeers(OwnMeters meters) {
    return peerName == null ? peers -> {} : new TopPeers<>(table, peerName, tags, meters)::show;
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

  /**
   * Removes these meters, and no others, from every registry to which they were bound. The
   * registries no longer hold the table, and its name may be used again.
   */
  @Override
  public synchronized void close() {
    bound.forEach(OwnMeters::close);
    bound.clear();
  }

  /** A counter, before it is bound to a table. */
  private record Count(
      String name, Tags tags, String description, ToDoubleFunction<BackoffStats> value) {}

  private static Count outcome(String outcome, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.outcomes", Tags.of("outcome", outcome), "Outcomes that were recorded", value);
  }

  private static Count permit(String result, ToDoubleFunction<BackoffStats> value) {
    return new Count(
        "backoff.permits", Tags.of("result", result), "Permits that were requested", value);
  }

  private static Count probe(String result, ToDoubleFunction<BackoffStats> value) {
    return new Count("backoff.probes", Tags.of("result", result), "Probes that are over", value);
  }

  private static Count eviction(String cause, ToDoubleFunction<BackoffStats> value) {
    return new Count("backoff.evictions", Tags.of("cause", cause), "Peers evicted", value);
  }
}
