package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Nanoseconds: arithmetic that saturates at {@link Long#MAX_VALUE}, which means "never". */
final class Nanos {
  private Nanos() {}

  /** The time {@code delay} after {@code time}; a delay is never negative. */
  static long plus(long time, long delay) {
    long sum = time + delay;
    return sum < time ? Long.MAX_VALUE : sum;
  }

  /** How long it is from {@code now} until {@code time}; 0 if that has passed. */
  static long until(long time, long now) {
    long difference = Math.max(time, now) - now;
    boolean never = difference < 0 || (difference > 0 && time == Long.MAX_VALUE);
    return never ? Long.MAX_VALUE : difference;
  }

  /** The nanoseconds of an option that must be at least {@code least}, saturated. */
  static long requireAtLeast(String option, Duration value, long least) {
    if (requireNonNull(value, option).compareTo(Duration.ofNanos(least)) < 0) {
      throw unexpected(option, value, least == 0 ? ">= 0" : "> 0");
    }
    return TimeUnit.NANOSECONDS.convert(value);
  }

  /** The nanoseconds of a requested delay; a negative one, a date in the past, counts as 0. */
  static long ofAdvisory(Duration minBackoff) {
    return Math.max(0, TimeUnit.NANOSECONDS.convert(requireNonNull(minBackoff, "minBackoff")));
  }

  /** The one form of a complaint: {@code multiplier: 0.5 (expected: >= 1.0)}. */
  static IllegalArgumentException unexpected(String option, Object value, String expected) {
    return new IllegalArgumentException(option + ": " + value + " (expected: " + expected + ")");
  }
}
