package io.github.bytesandbrains.backoff;

import java.time.Duration;

/**
 * How long to leave a peer alone after so many consecutive failures: {@link #exponential}, or one of
 * the caller's own, for which a lambda will do:
 *
 * <pre>{@code
 * BackoffSchedule fixed = attempts -> 5_000_000_000L; // 5 s
 * }</pre>
 *
 * <p>Must be thread-safe and quick: a table asks it within the atomic operation on a peer, for which
 * reason it must not call the table.
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
   * Returns the longest delay, from which a table derives how long a peer's own word may be and when
   * a peer is idle. Unless overridden it is the delay after {@link Integer#MAX_VALUE} attempts, which
   * is right for a schedule whose delays never become shorter.
   *
   * @return nanoseconds, at least 0
   */
  default long maxDelayNanos() {
    return delayNanos(Integer.MAX_VALUE);
  }

  /**
   * Returns this schedule with its delays spread, so that peers, or those who back off from one, do
   * not return in step. The spread is below each delay, the longest included: see {@link Jitter}.
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
   * @param maxDelay the longest delay, read in the same way; it wins where it is shorter than {@code
   *     initialDelay}
   * @param multiplier how much longer each delay is than the one before, at least 1.0
   * @throws IllegalArgumentException if a delay is negative or {@code multiplier} not in its bounds
   */
  static BackoffSchedule exponential(Duration initialDelay, Duration maxDelay, double multiplier) {
    return new ExponentialSchedule(
        Math.max(1, Nanos.of("initialDelay", initialDelay, 0)),
        Math.max(1, Nanos.of("maxDelay", maxDelay, 0)),
        multiplier);
  }
}
