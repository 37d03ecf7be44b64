package io.github.bytesandbrains.backoff;

/**
 * What is known of one failing peer: an immutable value. A table replaces it, whole, with each
 * outcome that is recorded.
 *
 * <p>Times are nanoseconds in the time domain of the table's clock. They may start anywhere,
 * negative values included, and mean nothing in another process. They compare as plain signed
 * numbers, so that a {@code nextRetryNanos} of {@link Long#MAX_VALUE} means "never".
 *
 * @param attempts the consecutive failures and advisories, at least 0; saturates at {@link
 *     Integer#MAX_VALUE}
 * @param lastAttemptNanos when the last of them was recorded
 * @param nextRetryNanos the first time at which the peer may be tried again
 */
public record BackoffState(int attempts, long lastAttemptNanos, long nextRetryNanos) {
  /** Of a peer of which nothing is known. Compared by identity, as a caller may restore its like. */
  static final BackoffState FORGOTTEN = new BackoffState(0, Long.MIN_VALUE, Long.MIN_VALUE);

  /**
   * Creates a state as it is, without a look at a schedule.
   *
   * @throws IllegalArgumentException if {@code attempts} is negative
   */
  public BackoffState {
    if (attempts < 0) {
      throw Nanos.unexpected("attempts", attempts, ">= 0");
    }
  }

  /** Returns whether the peer must still be left alone: {@code nowNanos} is before its retry. */
  public boolean isCooling(long nowNanos) {
    return nowNanos < nextRetryNanos;
  }

  /**
   * Returns how long the peer must still be left alone.
   *
   * @return nanoseconds, at least 0; {@link Long#MAX_VALUE} at most
   */
  public long remainingNanos(long nowNanos) {
    return Nanos.until(nextRetryNanos, nowNanos);
  }

  /** The delay that a failure or an advisory imposed; {@link Long#MAX_VALUE} if it is never over. */
  long imposedNanos() {
    return nextRetryNanos == Long.MAX_VALUE ? Long.MAX_VALUE : nextRetryNanos - lastAttemptNanos;
  }

  // The transitions: what a state becomes. Pure, as they run inside of a compute.

  BackoffState afterFailure(long nowNanos, BackoffSchedule schedule) {
    int attempts = nextAttempts();
    long delayNanos = schedule.delayNanos(attempts);
    if (delayNanos < 0) {
      throw Nanos.unexpected("schedule.delayNanos(" + attempts + ")", delayNanos, ">= 0");
    }
    return new BackoffState(attempts, nowNanos, Nanos.plus(nowNanos, delayNanos));
  }

  BackoffState afterAdvisory(long nowNanos, long minBackoffNanos) {
    return new BackoffState(nextAttempts(), nowNanos, Nanos.plus(nowNanos, minBackoffNanos));
  }

  /** The half-open state: as it was, but not to be retried until the lease of the probe is over. */
  BackoffState leased(long nowNanos, long leaseNanos) {
    return new BackoffState(attempts, lastAttemptNanos, Nanos.plus(nowNanos, leaseNanos));
  }

  private int nextAttempts() {
    return attempts == Integer.MAX_VALUE ? Integer.MAX_VALUE : attempts + 1;
  }
}
