package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Held.Hold;
import io.github.bytesandbrains.backoff.Held.Lease;
import io.github.bytesandbrains.backoff.Held.Recovered;
import org.jspecify.annotations.Nullable;

/**
 * What each operation makes of what is held for a peer. Pure functions of their arguments and of
 * the table's options, because they run inside of a compute: no clock, no lock, no counter.
 *
 * <p>An idle peer is as good as forgotten. So every function that knows the time first looks
 * through {@link #live}, and an answer never depends on whether the memory was reclaimed already.
 */
final class Transitions {
  final BackoffSchedule schedule;
  final long probeLeaseNanos;
  final long idleTimeoutNanos;

  /** How long a recovery is remembered after the retry that was scheduled when it came. */
  private final long recoveryNanos;

  Transitions(BackoffTableBuilder builder) {
    schedule = builder.schedule;
    probeLeaseNanos = builder.probeLeaseNanos;
    idleTimeoutNanos = builder.idleTimeoutNanos();
    // Includes the lease, so that the marker outlives a probe that is slower than its lease.
    long twiceMaxDelay = Nanos.plus(schedule.maxDelayNanos(), schedule.maxDelayNanos());
    recoveryNanos = Nanos.plus(Math.min(idleTimeoutNanos, twiceMaxDelay), probeLeaseNanos);
  }

  /** The shortest time after its next retry at which any peer, tracked or recovered, can leave. */
  long reviewNanos() {
    return Math.min(idleTimeoutNanos, recoveryNanos);
  }

  /**
   * {@code held}, or null if the peer is idle by then: nothing was recorded for the idle timeout
   * after its next retry.
   */
  @Nullable
  Held live(@Nullable Held held, long nowNanos) {
    return held == null || isIdle(held, nowNanos) ? null : held;
  }

  boolean isIdle(Held held, long nowNanos) {
    if (held instanceof Recovered recovered) {
      return nowNanos >= recovered.expiresAtNanos;
    }
    long sinceRetryNanos = Nanos.until(nowNanos, held.nextRetryNanos());
    return sinceRetryNanos >= idleTimeoutNanos && idleTimeoutNanos != Long.MAX_VALUE; // never
  }

  BackoffState afterFailure(@Nullable Held held, long nowNanos) {
    int attempts = nextAttempts(held, nowNanos);
    long delayNanos = schedule.delayNanos(attempts);
    if (delayNanos < 0) {
      throw Nanos.unexpected("schedule.delayNanos(" + attempts + ")", delayNanos, ">= 0");
    }
    return new BackoffState(attempts, nowNanos, Nanos.plus(nowNanos, delayNanos));
  }

  BackoffState afterAdvisory(@Nullable Held held, long nowNanos, long minBackoffNanos) {
    int attempts = nextAttempts(held, nowNanos);
    return new BackoffState(attempts, nowNanos, Nanos.plus(nowNanos, minBackoffNanos));
  }

  private int nextAttempts(@Nullable Held held, long nowNanos) {
    Held live = live(held, nowNanos);
    int attempts = live == null ? 0 : live.attempts();
    return attempts == Integer.MAX_VALUE ? attempts : attempts + 1;
  }

  /**
   * After a success of a tracked peer. It needs no clock: the marker outlives the retry that was
   * scheduled.
   */
  Recovered afterSuccess(Held held) {
    long retryNanos = held.nextRetryNanos();
    long fromNanos = retryNanos == Long.MAX_VALUE ? held.lastAttemptNanos() : retryNanos;
    return new Recovered(Nanos.plus(fromNanos, recoveryNanos));
  }

  /** A due peer while its probe is in flight. */
  Lease leased(Held due, long nowNanos, Permit probe) {
    Held base = due instanceof Lease lapsed ? lapsed.base() : due;
    return new Lease(base, nowNanos, Nanos.plus(nowNanos, probeLeaseNanos), probe);
  }

  /** Not before {@code untilNanos}; {@code held} itself if it is not due before then anyway. */
  @Nullable
  Held postponed(@Nullable Held held, long nowNanos, long untilNanos) {
    Held live = live(held, nowNanos);
    // The hold goes beneath a lease, so that releasing the probe keeps it.
    Held base = live instanceof Lease lease ? lease.base() : live;
    Held tracked = Held.tracked(base);
    long retryNanos = tracked == null ? nowNanos : tracked.nextRetryNanos();
    if (retryNanos >= untilNanos) {
      return held;
    }
    Hold hold = new Hold(Held.outcome(base), nowNanos, untilNanos);
    return live instanceof Lease lease
        ? new Lease(hold, lease.sinceNanos(), lease.untilNanos(), lease.probe())
        : hold;
  }

  /** Due at {@code atNanos}, without a lease; {@code held} itself if it is due by then anyway. */
  Held expedited(Held held, long nowNanos, long atNanos) {
    return held.nextRetryNanos() <= atNanos
        ? held
        : new Hold(Held.outcome(held), nowNanos, atNanos);
  }
}
