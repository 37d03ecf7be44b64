package io.github.bytesandbrains.backoff;

import org.jspecify.annotations.Nullable;

/** What the plain maps keep of a peer: the same three figures as {@link BackoffState}. */
record Failures(int attempts, long lastAttemptNanos, long nextRetryNanos) {
  private static final int MAX_DOUBLINGS = 40;

  static Failures after(@Nullable Failures failures, long nowNanos) {
    int attempts = failures == null ? 1 : failures.attempts + 1;
    long delayNanos = Math.min(
        Contender.INITIAL_DELAY_NANOS << Math.min(attempts - 1, MAX_DOUBLINGS),
        Contender.MAX_DELAY_NANOS);
    return new Failures(attempts, nowNanos, nowNanos + delayNanos);
  }

  static Failures cooling() {
    return new Failures(1, Stretch.START, Stretch.START + Contender.MAX_DELAY_NANOS);
  }

  boolean isCooling(long nowNanos) {
    return nowNanos < nextRetryNanos;
  }
}
