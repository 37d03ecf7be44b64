package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.Jitter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The properties {@code backoff.*}. An option of a table that is null keeps the default of {@link
 * BackoffTableBuilder}.
 *
 * @param schedule how long a failing peer is left alone
 * @param maxAdvisory the longest delay that a peer may request
 * @param advisoryJitter the share by which a requested delay is lengthened at most
 * @param probeLease how long a probe may take before another one is admitted
 * @param idleTimeout how long after its next retry a peer without an outcome is forgotten
 * @param maximumPeers how many peers a table holds at most
 * @param tables named tables; what one leaves open is as above
 * @param metrics the meters of all tables
 * @param snapshot what survives a restart
 * @param health the health indicator
 * @param redis what the tables of several machines share
 */
@ConfigurationProperties("backoff")
record BackoffProperties(
    @Nullable Schedule schedule,
    @Nullable Duration maxAdvisory,
    @Nullable Double advisoryJitter,
    @Nullable Duration probeLease,
    @Nullable Duration idleTimeout,
    @Nullable Long maximumPeers,
    @DefaultValue Map<String, Table> tables,
    @DefaultValue Metrics metrics,
    @DefaultValue Snapshot snapshot,
    @DefaultValue Health health,
    @DefaultValue Redis redis) {
  private static final Duration INITIAL_DELAY = Duration.ofMillis(10);
  private static final Duration MAX_DELAY = Duration.ofSeconds(60);
  private static final Double MULTIPLIER = 2.0;

  /** The options of one table, each as in {@link BackoffProperties}. */
  record Table(
      @Nullable Schedule schedule,
      @Nullable Duration maxAdvisory,
      @Nullable Double advisoryJitter,
      @Nullable Duration probeLease,
      @Nullable Duration idleTimeout,
      @Nullable Long maximumPeers) {
    /** Converts a table whose name is all there is, which YAML turns into an empty string. */
    public static Table valueOf(String text) {
      if (!text.isEmpty()) {
        throw new IllegalArgumentException("table: " + text + " (expected: options, or nothing)");
      }
      return new Table(null, null, null, null, null, null);
    }
  }

  /**
   * An exponential schedule.
   *
   * @param initialDelay the delay after the first failure
   * @param maxDelay the longest delay
   * @param multiplier how much longer each delay is than the one before
   * @param jitter how far delays are spread
   */
  record Schedule(
      @Nullable Duration initialDelay,
      @Nullable Duration maxDelay,
      @Nullable Double multiplier,
      @Nullable JitterForm jitter) {}

  /** The forms of {@link Jitter}. */
  enum JitterForm {
    /** {@link Jitter#none()}. */
    NONE,
    /** {@link Jitter#full()}. */
    FULL,
    /** {@link Jitter#equal()}. */
    EQUAL
  }

  /**
   * Meters of Micrometer.
   *
   * @param enabled whether the meters of every table are bound
   * @param topPeers how many peers of a table have a gauge of their own, 0 to 10
   */
  record Metrics(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("0") int topPeers) {}

  /**
   * Snapshots of the tables whose peers are strings.
   *
   * @param directory where each table has its file; without it there are no snapshots
   * @param interval the time from one save to the next
   */
  record Snapshot(
      @Nullable Path directory, @DefaultValue("30s") Duration interval) {}

  /**
   * The health indicator.
   *
   * @param maximumCooling the application is down if more peers of a table are cooling; without it
   *     there is no indicator
   */
  record Health(@Nullable Integer maximumCooling) {}

  /**
   * Sharing by Redis.
   *
   * @param enabled whether the tables whose peers are strings are shared
   * @param namespace distinguishes tables of different applications; the name of the application
   *     unless set
   * @param nodeId under which this node votes; random unless set
   * @param quorum how many nodes must find a peer failing before the others leave it alone too
   * @param maxAdopted for how long this node leaves a peer alone because of the others, at most
   */
  record Redis(
      @DefaultValue("false") boolean enabled,
      @Nullable String namespace,
      @Nullable String nodeId,
      @Nullable Integer quorum,
      @Nullable Duration maxAdopted) {}

  /** Sets the options that all tables share. */
  void configure(BackoffTableBuilder builder) {
    Table common =
        new Table(schedule, maxAdvisory, advisoryJitter, probeLease, idleTimeout, maximumPeers);
    configure(builder, common, null, "backoff");
  }

  /** Sets the options of a named table, over those that all tables share. */
  void configure(BackoffTableBuilder builder, String name) {
    Table table = tables.get(name);
    if (table != null) {
      String element = ConfigurationPropertyName.isValid(name) ? "." + name : "[" + name + "]";
      configure(builder, table, schedule, "backoff.tables" + element);
    }
  }

  private static void configure(
      BackoffTableBuilder builder, Table table, @Nullable Schedule common, String prefix) {
    if (table.schedule != null) {
      builder.schedule(schedule(table.schedule, common, prefix + ".schedule"));
    }
    set(prefix + ".max-advisory", table.maxAdvisory, builder::maxAdvisory);
    set(prefix + ".advisory-jitter", table.advisoryJitter, builder::advisoryJitter);
    set(prefix + ".probe-lease", table.probeLease, builder::probeLease);
    set(prefix + ".idle-timeout", table.idleTimeout, builder::idleTimeout);
    set(prefix + ".maximum-peers", table.maximumPeers, builder::maximumPeers);
  }

  private static BackoffSchedule schedule(Schedule own, @Nullable Schedule common, String prefix) {
    // One at a time, so that a failure names the property.
    set(
        prefix + ".initial-delay",
        own.initialDelay,
        delay -> BackoffSchedule.exponential(delay, MAX_DELAY));
    set(
        prefix + ".max-delay",
        own.maxDelay,
        delay -> BackoffSchedule.exponential(INITIAL_DELAY, delay));
    set(
        prefix + ".multiplier",
        own.multiplier,
        multiplier -> BackoffSchedule.exponential(INITIAL_DELAY, MAX_DELAY, multiplier));
    BackoffSchedule exact = BackoffSchedule.exponential(
        choose(own, common, Schedule::initialDelay, INITIAL_DELAY),
        choose(own, common, Schedule::maxDelay, MAX_DELAY),
        choose(own, common, Schedule::multiplier, MULTIPLIER));
    return switch (choose(own, common, Schedule::jitter, JitterForm.NONE)) {
      case NONE -> exact;
      case FULL -> exact.withJitter(Jitter.full());
      case EQUAL -> exact.withJitter(Jitter.equal());
    };
  }

  private static <V> V choose(
      Schedule own,
      @Nullable Schedule common,
      Function<Schedule, @Nullable V> component,
      V otherwise) {
    V value = component.apply(own);
    if (value == null && common != null) {
      value = component.apply(common);
    }
    return value == null ? otherwise : value;
  }

  /** Uses a value; one that is rejected fails with the name of its property. */
  static <V> void set(String property, @Nullable V value, Consumer<V> setter) {
    if (value != null) {
      try {
        setter.accept(value);
      } catch (IllegalArgumentException e) {
        throw new InvalidConfigurationPropertyValueException(
            property, value, String.valueOf(e.getMessage()));
      }
    }
  }
}
