package io.github.bytesandbrains.backoff.snapshot;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot holds about one peer: a {@link BackoffState} in durations, counted from the time
 * of the capture. Immutable. A duration of more than 2^63-1 ns, 292 years, counts as that.
 *
 * @param attempts the consecutive failures and advisories, at least 0
 * @param age how long before the capture the last of them was recorded; without one, how long
 *     before it the peer was postponed; at least 0
 * @param remaining how long after the capture the next retry is; negative if the peer was due by
 *     then, null if it is never
 */
public record PortableState(
    int attempts, Duration age, @Nullable Duration remaining) {
  /**
   * Creates a state as it is.
   *
   * @throws IllegalArgumentException if {@code attempts} or {@code age} is negative
   */
  public PortableState {
    if (attempts < 0) {
      throw new IllegalArgumentException("attempts: " + attempts + " (expected: >= 0)");
    }
    if (requireNonNull(age, "age").isNegative()) {
      throw new IllegalArgumentException("age: " + age + " (expected: >= 0)");
    }
  }

  /** The state of a peer at a time; a probe that is in flight ends with this process. */
  static <P> PortableState of(
      ConcurrentBackoffTable<P> table, P peer, BackoffState state, long nowNanos) {
    Duration age = Duration.ofNanos(Math.max(0, minus(nowNanos, state.lastAttemptNanos())));
    if (state.nextRetryNanos() == Long.MAX_VALUE) {
      return new PortableState(state.attempts(), age, null);
    }
    long remainingNanos = minus(state.nextRetryNanos(), nowNanos);
    // A longer delay than the lease's is a postponement beneath it.
    boolean leased = remainingNanos > 0
        && remainingNanos <= nanos(table.probeLease())
        && table.isProbing(peer, nowNanos);
    Duration remaining = leased ? Duration.ZERO : Duration.ofNanos(remainingNanos);
    return new PortableState(state.attempts(), age, remaining);
  }

  /** The state in the time domain of a table; the capture was {@code awayNanos} before now. */
  BackoffState toState(long nowNanos, long awayNanos) {
    long lastAttemptNanos = minus(minus(nowNanos, nanos(age)), awayNanos);
    long nextRetryNanos =
        remaining == null ? Long.MAX_VALUE : minus(nowNanos, minus(awayNanos, nanos(remaining)));
    return new BackoffState(attempts, lastAttemptNanos, nextRetryNanos);
  }

  /** Saturates at both ends. */
  static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration);
  }

  /** {@code a - b}, saturated at both ends. */
  static long minus(long a, long b) {
    long difference = a - b;
    boolean overflows = ((a ^ b) & (a ^ difference)) < 0;
    return overflows ? (a < b ? Long.MIN_VALUE : Long.MAX_VALUE) : difference;
  }
}
