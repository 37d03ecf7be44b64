package io.github.bytesandbrains.backoff;

import java.time.Duration;

/**
 * One line about a peer, for a log. That a delay is the lease of a probe is known. Whether a failure or an
 * advisory imposed it is not kept, as that would cost each peer memory; the delay often tells it.
 */
final class Explanation {
  private Explanation() {}

  static <P> String of(ConcurrentBackoffTable<P> table, P peer, long nowNanos) {
    BackoffState state = table.get(peer);
    if (state == null) {
      return "not tracked";
    }
    boolean lease = table.probes.isLease(state);
    long imposedNanos =
        lease ? state.nextRetryNanos() - table.probeLeaseNanos : state.lastAttemptNanos();
    return ("attempts " + state.attempts() + ", " + remaining(state, nowNanos))
        + (", imposed " + Duration.ofNanos(Nanos.until(nowNanos, imposedNanos)) + " ago by ")
        + (lease ? "the lease of a probe" : cause(state, table.schedule));
  }

  private static String remaining(BackoffState state, long nowNanos) {
    if (!state.isCooling(nowNanos)) {
      return "due since " + Duration.ofNanos(Nanos.until(nowNanos, state.nextRetryNanos()));
    }
    return state.nextRetryNanos() == Long.MAX_VALUE
        ? "cooling for ever"
        : "cooling for another " + Duration.ofNanos(state.remainingNanos(nowNanos));
  }

  /**
   * Asks the library's own schedules alone, as others may do anything. An advisory of just the delay that
   * the schedule has counts as the schedule's, and what was restored as if it had been recorded.
   */
  private static String cause(BackoffState state, BackoffSchedule schedule) {
    if (schedule instanceof ExponentialSchedule exponential) {
      return state.nextRetryNanos() == latest(state, exponential) ? "the schedule" : "an advisory";
    }
    boolean longer = schedule instanceof JitteredSchedule jittered
        && jittered.schedule() instanceof ExponentialSchedule exponential
        && state.nextRetryNanos() > latest(state, exponential);
    return longer ? "an advisory" : "the schedule or an advisory";
  }

  /** The next retry after a failure; with jitter it may be earlier, and never later. */
  private static long latest(BackoffState state, ExponentialSchedule exponential) {
    long delayNanos = exponential.delayNanos(Math.max(1, state.attempts()));
    return Nanos.plus(state.lastAttemptNanos(), delayNanos);
  }
}
