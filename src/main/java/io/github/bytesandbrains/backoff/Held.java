package io.github.bytesandbrains.backoff;

import org.jspecify.annotations.Nullable;

/**
 * What the map holds for one peer: an immutable value that each change replaces. Compared by
 * identity, because an outcome counts only if the one that its permit began with is still there.
 */
sealed interface Held permits BackoffState, Held.Hold, Held.Lease, Held.Recovered {

  /** The consecutive failures, at least 0. */
  int attempts();

  /** When the last failure was recorded, or the hold imposed; the visible state shows it. */
  long lastAttemptNanos();

  /** The first time at which the peer may be tried; {@link Long#MAX_VALUE} means never. */
  long nextRetryNanos();

  /** The last outcome, seen through a lease and a hold: a state, a recovery, or null. */
  static @Nullable Held outcome(@Nullable Held held) {
    Held beneath = held instanceof Lease lease ? lease.base() : held;
    return beneath instanceof Hold hold ? hold.outcome() : beneath;
  }

  /** Returns {@code held}, or null if the peer is not tracked: absent or recovered. */
  static @Nullable Held tracked(@Nullable Held held) {
    return held instanceof Recovered ? null : held;
  }

  /** What a caller sees: null if the peer is not tracked. */
  static @Nullable BackoffState visible(@Nullable Held held) {
    if (held instanceof BackoffState state) {
      return state;
    }
    Held tracked = tracked(held);
    return tracked == null
        ? null
        : new BackoffState(
            tracked.attempts(), tracked.lastAttemptNanos(), tracked.nextRetryNanos());
  }

  /**
   * A probe is in flight: until it reports, or its lease expires, nobody else is admitted.
   *
   * @param base what the peer returns to if the probe says nothing; never another lease
   */
  record Lease(Held base, long sinceNanos, long untilNanos, Permit probe) implements Held {
    boolean isRunning(long nowNanos) {
      return nowNanos < untilNanos;
    }

    @Override
    public int attempts() {
      return base.attempts();
    }

    @Override
    public long lastAttemptNanos() {
      return base.lastAttemptNanos();
    }

    /** Later than the lease if the peer was postponed meanwhile. */
    @Override
    public long nextRetryNanos() {
      return Math.max(untilNanos, base.nextRetryNanos());
    }
  }

  /**
   * The next retry was moved without an outcome, by {@code postpone} or {@code expedite}.
   *
   * @param outcome what was recorded last: a state, a recovery, or null
   */
  record Hold(@Nullable Held outcome, long sinceNanos, long nextRetryNanos) implements Held {
    @Override
    public int attempts() {
      return outcome == null ? 0 : outcome.attempts();
    }

    @Override
    public long lastAttemptNanos() {
      return outcome instanceof BackoffState state ? state.lastAttemptNanos() : sinceNanos;
    }
  }

  /**
   * The peer succeeded. It is not tracked, but a send that began before the success is stale.
   * Each success makes a new one, so that two recoveries are two outcomes.
   */
  final class Recovered implements Held {
    final long expiresAtNanos;

    Recovered(long expiresAtNanos) {
      this.expiresAtNanos = expiresAtNanos;
    }

    @Override
    public int attempts() {
      return 0;
    }

    @Override
    public long lastAttemptNanos() {
      return Long.MIN_VALUE;
    }

    @Override
    public long nextRetryNanos() {
      return Long.MIN_VALUE;
    }
  }
}
