package io.github.bytesandbrains.backoff;

import java.time.Duration;

/**
 * How long to leave a peer alone after a number of consecutive failures: {@link #exponential}, or a
 * schedule of the caller's own, for which a lambda will do:
 *
 * <pre>{@code
 * BackoffSchedule fixed = attempts -> 5_000_000_000L; // 5 s
 * }</pre>
 *
 * <p>It must be thread-safe and quick, and must not call the table, because a table calls it within
 * the atomic operation on a peer. It must have a delay for every number of attempts: {@link
 * BackoffTableBuilder#build} samples many, the largest included, and rejects a schedule that throws
 * or returns a negative delay. What it throws later reaches the caller and leaves the table as it
 * was.
 */
@FunctionalInterface
public interface BackoffSchedule {

  /**
   * Returns the delay after a number of consecutive failures.
   *
   * @param attempts the consecutive failures, the last one included; at least 1
   * @return nanoseconds, at least 0; {@link Long#MAX_VALUE} is never
   */
  long delayNanos(int attempts);

  /**
   * Returns the longest delay, from which a table derives how long a delay a peer may request and
   * when a peer is idle. Unless overridden it is the longest of many samples: the delays after 1 to
   * 64 attempts, after each power of two, and after {@link Integer#MAX_VALUE}.
   *
   * @return nanoseconds, at least {@code delayNanos(1)}
   */
  default long maxDelayNanos() {
    return ScheduleSamples.maxDelayNanos(this);
  }

  /**
   * Returns this schedule with its delays spread, so that peers that failed together, or clients of
   * one peer, do not return in step. A delay only becomes shorter, the longest included: see {@link
   * Jitter}.
   */
  default BackoffSchedule withJitter(Jitter jitter) {
    return new JitteredSchedule(this, jitter);
  }

  /** {@link #exponential(Duration, Duration, double)} with a multiplier of 2. */
  static BackoffSchedule exponential(Duration initialDelay, Duration maxDelay) {
    return exponential(initialDelay, maxDelay, 2);
  }

  /**
   * Returns a schedule that grows: {@code min(initialDelay * multiplier^(attempts - 1), maxDelay)},
   * so that the first failure waits exactly {@code initialDelay}. With a multiplier of 2 it is the
   * truncated binary exponential backoff of IEEE 802.3, without the random choice, and exact;
   * otherwise it is computed in double precision.
   *
   * @param initialDelay the delay after the first failure, at least 0; 0 counts as 1 ns, more than
   *     2^63-1 ns as 2^63-1 ns
   * @param maxDelay the longest delay, read in the same way; it wins where it is shorter than
   *     {@code initialDelay}
   * @param multiplier how much longer each delay is than the one before, at least 1.0
   * @throws IllegalArgumentException if a delay is negative or {@code multiplier} not in its bounds
   */
  static BackoffSchedule exponential(Duration initialDelay, Duration maxDelay, double multiplier) {
    return new ExponentialSchedule(
        Math.max(1, Nanos.requireAtLeast("initialDelay", initialDelay, 0)),
        Math.max(1, Nanos.requireAtLeast("maxDelay", maxDelay, 0)),
        multiplier);
  }
}
