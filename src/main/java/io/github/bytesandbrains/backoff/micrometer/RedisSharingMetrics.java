package io.github.bytesandbrains.backoff.micrometer;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.github.bytesandbrains.backoff.redis.RedisSharingStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The meters of a {@link RedisSharing}. Each one has the tag {@code table}, the name of the table,
 * and the tags that the caller adds.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type, tag</th><th>meaning</th></tr>
 * <tr><td>{@code backoff.sharing.connected}</td><td>gauge</td>
 *     <td>1 if Redis answers, otherwise 0</td></tr>
 * <tr><td>{@code backoff.sharing.lag}</td><td>time gauge</td>
 *     <td>time since this node last knew everything in the log</td></tr>
 * <tr><td>{@code backoff.sharing.reports}</td>
 *     <td>counter, {@code result} = {@code published}, {@code received}, {@code dropped}</td>
 *     <td>votes and recoveries, of this node and of others</td></tr>
 * <tr><td>{@code backoff.sharing.holds}</td>
 *     <td>counter, {@code result} = {@code adopted}, {@code lifted}</td>
 *     <td>holds that this node adopted, and those that ended early by a recovery</td></tr>
 * </table>
 *
 * <p>{@link RedisSharingStats} says more about each value. The registry holds the sharing until
 * {@link #close()} removes the meters. Needs Lettuce, which the rest of the package does not.
 * Thread-safe.
 */
public final class RedisSharingMetrics implements MeterBinder, AutoCloseable {
  private static final String CONNECTED = "backoff.sharing.connected";

  private final RedisSharing<?> sharing;
  private final Tags tags;
  private final List<OwnMeters> bound = new ArrayList<>();

  /**
   * Creates the meters of {@code sharing}, to be bound to one or more registries.
   *
   * @param name the value of the tag {@code table}, the same as for the meters of the table
   * @param tags further tags; Prometheus requires the same keys for every table of a registry
   */
  public RedisSharingMetrics(RedisSharing<?> sharing, String name, Iterable<Tag> tags) {
    this.sharing = requireNonNull(sharing, "sharing");
    this.tags = Tags.of(requireNonNull(tags, "tags")).and("table", requireNonNull(name, "name"));
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
    meters.addAll(
        CONNECTED,
        tags,
        List.of(
            Gauge.builder(CONNECTED, () -> sharing.stats().connected() ? 1 : 0)
                .description("Whether Redis answers")
                .tags(tags)::register,
            TimeGauge.builder(
                    "backoff.sharing.lag",
                    () -> sharing.stats().lag().toMillis(),
                    TimeUnit.MILLISECONDS)
                .description("Time since this node last knew everything in the log")
                .tags(tags)
                .strongReference(true)::register,
            report("published", RedisSharingStats::published)::register,
            report("received", RedisSharingStats::received)::register,
            report("dropped", RedisSharingStats::dropped)::register,
            hold("adopted", RedisSharingStats::adopted)::register,
            hold("lifted", RedisSharingStats::lifted)::register));
    bound.add(meters);
  }

  private FunctionCounter.Builder<RedisSharing<?>> report(
      String result, ToDoubleFunction<RedisSharingStats> value) {
    return counter("backoff.sharing.reports", result, value)
        .description("Failures and recoveries of peers that nodes report");
  }

  private FunctionCounter.Builder<RedisSharing<?>> hold(
      String result, ToDoubleFunction<RedisSharingStats> value) {
    return counter("backoff.sharing.holds", result, value)
        .description("Peers that are postponed because of other nodes");
  }

  private FunctionCounter.Builder<RedisSharing<?>> counter(
      String name, String result, ToDoubleFunction<RedisSharingStats> value) {
    return FunctionCounter.<RedisSharing<?>>builder(
            name, sharing, counted -> value.applyAsDouble(counted.stats()))
        .tags(tags.and("result", result));
  }

  /**
   * Removes these meters, and no others, from every registry to which they were bound. The
   * registries no longer hold the sharing.
   */
  @Override
  public synchronized void close() {
    bound.forEach(OwnMeters::close);
    bound.clear();
  }
}
