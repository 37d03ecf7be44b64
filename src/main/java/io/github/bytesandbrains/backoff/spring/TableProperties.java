package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.Jitter;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** The options of a table. One that is null keeps the default of {@link BackoffTableBuilder}. */
class TableProperties {
  private static final Duration INITIAL_DELAY = Duration.ofMillis(10);
  private static final Duration MAX_DELAY = Duration.ofSeconds(60);
  private static final Double MULTIPLIER = 2.0;

  @Nullable
  Schedule schedule;

  private @Nullable Duration maxAdvisory;
  private @Nullable Double advisoryJitter;
  private @Nullable Duration probeLease;
  private @Nullable Duration idleTimeout;
  private @Nullable Long maximumPeers;

  /** Converts a table whose name is all there is, which YAML turns into an empty string. */
  public static TableProperties valueOf(String text) {
    if (!text.isEmpty()) {
      throw new IllegalArgumentException("table: " + text + " (expected: options, or nothing)");
    }
    return new TableProperties();
  }

  void setSchedule(Schedule schedule) {
    this.schedule = schedule;
  }

  void setMaxAdvisory(Duration maxAdvisory) {
    this.maxAdvisory = maxAdvisory;
  }

  void setAdvisoryJitter(Double advisoryJitter) {
    this.advisoryJitter = advisoryJitter;
  }

  void setProbeLease(Duration probeLease) {
    this.probeLease = probeLease;
  }

  void setIdleTimeout(Duration idleTimeout) {
    this.idleTimeout = idleTimeout;
  }

  void setMaximumPeers(Long maximumPeers) {
    this.maximumPeers = maximumPeers;
  }

  /** An exponential schedule. */
  static final class Schedule {
    private @Nullable Duration initialDelay;
    private @Nullable Duration maxDelay;
    private @Nullable Double multiplier;
    private @Nullable JitterForm jitter;

    void setInitialDelay(Duration initialDelay) {
      this.initialDelay = initialDelay;
    }

    void setMaxDelay(Duration maxDelay) {
      this.maxDelay = maxDelay;
    }

    void setMultiplier(Double multiplier) {
      this.multiplier = multiplier;
    }

    void setJitter(JitterForm jitter) {
      this.jitter = jitter;
    }
  }

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
   * Sets the options that are not null.
   *
   * @param common what {@link #schedule} leaves open
   * @param prefix of the properties
   */
  final void configure(BackoffTableBuilder builder, @Nullable Schedule common, String prefix) {
    if (schedule != null) {
      builder.schedule(schedule(schedule, common, prefix + ".schedule"));
    }
    set(prefix + ".max-advisory", maxAdvisory, builder::maxAdvisory);
    set(prefix + ".advisory-jitter", advisoryJitter, builder::advisoryJitter);
    set(prefix + ".probe-lease", probeLease, builder::probeLease);
    set(prefix + ".idle-timeout", idleTimeout, builder::idleTimeout);
    set(prefix + ".maximum-peers", maximumPeers, builder::maximumPeers);
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
        choose(own, common, schedule -> schedule.initialDelay, INITIAL_DELAY),
        choose(own, common, schedule -> schedule.maxDelay, MAX_DELAY),
        choose(own, common, schedule -> schedule.multiplier, MULTIPLIER));
    return switch (choose(own, common, schedule -> schedule.jitter, JitterForm.NONE)) {
      case NONE -> exact;
      case FULL -> exact.withJitter(Jitter.full());
      case EQUAL -> exact.withJitter(Jitter.equal());
    };
  }

  private static <V> V choose(
      Schedule own,
      @Nullable Schedule common,
      Function<Schedule, @Nullable V> option,
      V otherwise) {
    V value = option.apply(own);
    if (value == null && common != null) {
      value = option.apply(common);
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
