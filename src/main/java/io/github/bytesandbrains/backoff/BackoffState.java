package io.github.bytesandbrains.backoff;

/**
 * What is known about one failing peer: an immutable value. The table replaces it as a whole with
 * each outcome that is recorded.
 *
 * <p>Times are nanoseconds in the time domain of the table's clock. They may start anywhere,
 * negative values included, and mean nothing in another process. They compare as plain signed
 * numbers, so a {@code nextRetryNanos} of {@link Long#MAX_VALUE} means "never".
 *
 * @param attempts the consecutive failures and advisories, at least 0; saturates at {@link
 *     Integer#MAX_VALUE}. It is 0 for a peer that was only postponed
 * @param lastAttemptNanos when the last of them was recorded; without one, when the peer was
 *     postponed
 * @param nextRetryNanos the first time at which the peer may be tried again
 */
public record BackoffState(int attempts, long lastAttemptNanos, long nextRetryNanos)
    implements Held {
  /**
   * Creates a state as it is, without consulting a schedule.
   *
   * @throws IllegalArgumentException if {@code attempts} is negative
   */
  public BackoffState {
    if (attempts < 0) {
      throw Nanos.unexpected("attempts", attempts, ">= 0");
    }
  }

  /** Returns whether the peer is cooling: {@code nowNanos} is before its next retry. */
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

  /** An outcome of its own, because the table tells outcomes apart by identity. */
  BackoffState copy() {
    return new BackoffState(attempts, lastAttemptNanos, nextRetryNanos);
  }
}
