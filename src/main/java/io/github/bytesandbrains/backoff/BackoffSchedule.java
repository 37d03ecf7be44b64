package io.github.bytesandbrains.backoff;

import java.time.Duration;

/** How long to leave a peer alone after so many consecutive failures. Immutable. */
public final class BackoffSchedule {
  private final long initialDelayNanos;
  private final long maxDelayNanos;

  private BackoffSchedule(long initialDelayNanos, long maxDelayNanos) {
    this.initialDelayNanos = initialDelayNanos;
    this.maxDelayNanos = maxDelayNanos;
  }

  /**
   * Returns a schedule that doubles: {@code min(initialDelay * 2^(attempts - 1), maxDelay)}, so
   * that the first failure waits exactly {@code initialDelay}. It is the truncated binary
   * exponential backoff of IEEE 802.3, without the random choice.
   *
   * @param initialDelay the delay after the first failure, at least 0; 0 counts as 1 ns, more than
   *     2^63-1 ns as 2^63-1 ns
   * @param maxDelay the longest delay, read in the same way; it wins where it is shorter than
   *     {@code initialDelay}
   * @throws IllegalArgumentException if either is negative
   */
  public static BackoffSchedule exponential(Duration initialDelay, Duration maxDelay) {
    return new BackoffSchedule(
        Math.max(1, Nanos.of("initialDelay", initialDelay, 0)),
        Math.max(1, Nanos.of("maxDelay", maxDelay, 0)));
  }

  /**
   * Returns the delay after a number of consecutive failures.
   *
   * @param attempts the consecutive failures, the last one included
   * @return nanoseconds, from 1 to {@link #maxDelayNanos()}
   * @throws IllegalArgumentException if {@code attempts} is less than 1
   */
  public long delayNanos(int attempts) {
    if (attempts < 1) {
      throw Nanos.unexpected("attempts", attempts, ">= 1");
    }
    int doublings = attempts - 1;
    // Compared by shifting the cap down, as shifting the delay up would overflow.
    boolean capped = doublings >= Long.SIZE || initialDelayNanos > maxDelayNanos >> doublings;
    return capped ? maxDelayNanos : initialDelayNanos << doublings;
  }

  /** Returns the longest delay, in nanoseconds, at least 1. */
  public long maxDelayNanos() {
    return maxDelayNanos;
  }

  @Override
  public String toString() {
    return "exponential("
        + Duration.ofNanos(initialDelayNanos)
        + ", "
        + Duration.ofNanos(maxDelayNanos)
        + ")";
  }
}
