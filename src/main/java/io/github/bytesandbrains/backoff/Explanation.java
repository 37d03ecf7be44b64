package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Held.Hold;
import io.github.bytesandbrains.backoff.Held.Lease;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One line about a peer, for a log. Leases and holds are known. Whether a failure or an advisory
 * imposed a state is not kept, because that would cost memory for each peer; the delay often shows
 * it.
 */
final class Explanation {
  private Explanation() {}

  static String of(@Nullable Held held, BackoffSchedule schedule, long nowNanos) {
    if (held == null || Held.tracked(held) == null) {
      return "not tracked";
    }
    // A lease that runs beneath a longer postponement is not what keeps the peer waiting.
    Held imposed = held instanceof Lease lease && lease.nextRetryNanos() != lease.untilNanos()
        ? lease.base()
        : held;
    return ("attempts " + held.attempts() + ", " + remaining(held.nextRetryNanos(), nowNanos))
        + (", imposed " + Duration.ofNanos(Nanos.until(nowNanos, since(imposed))) + " ago by ")
        + cause(imposed, schedule);
  }

  private static String remaining(long nextRetryNanos, long nowNanos) {
    if (nowNanos >= nextRetryNanos) {
      return "due for " + Duration.ofNanos(Nanos.until(nowNanos, nextRetryNanos));
    }
    return nextRetryNanos == Long.MAX_VALUE
        ? "cooling forever"
        : "cooling for another " + Duration.ofNanos(Nanos.until(nextRetryNanos, nowNanos));
  }

  private static long since(Held held) {
    return held instanceof Lease lease
        ? lease.sinceNanos()
        : held instanceof Hold hold ? hold.sinceNanos() : held.lastAttemptNanos();
  }

  private static String cause(Held held, BackoffSchedule schedule) {
    if (held instanceof Lease) {
      return "the lease of a probe";
    }
    return held instanceof Hold ? "postpone or expedite" : outcome(held, schedule);
  }

  /**
   * Asks only the library's own schedules, because others may do anything. An advisory of exactly
   * the schedule's delay counts as the schedule's, and a restored state as a recorded one.
   */
  private static String outcome(Held state, BackoffSchedule schedule) {
    if (schedule instanceof ExponentialSchedule exponential) {
      return state.nextRetryNanos() == latest(state, exponential) ? "the schedule" : "an advisory";
    }
    boolean longer = schedule instanceof JitteredSchedule jittered
        && jittered.schedule() instanceof ExponentialSchedule exponential
        && state.nextRetryNanos() > latest(state, exponential);
    return longer ? "an advisory" : "the schedule or an advisory";
  }

  /** The next retry after a failure; with jitter it may be earlier, and never later. */
  private static long latest(Held state, ExponentialSchedule exponential) {
    long delayNanos = exponential.delayNanos(Math.max(1, state.attempts()));
    return Nanos.plus(state.lastAttemptNanos(), delayNanos);
  }
}
