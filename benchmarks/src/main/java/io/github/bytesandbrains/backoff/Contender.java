package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that can keep track of failing peers, in loops over a stretch of peers. Each contender has
 * loops of its own, so that each gets compiled code of its own, and none pays for a call that the
 * compiler cannot see through. Each loop returns a checksum, so that no work is left out.
 */
interface Contender<P> {
  /** How much later each record of a loop is than the one before: a million failures a second. */
  long STEP_NANOS = 1_000;

  /** How long {@link #cool} makes peers cool, and the longest delay of the schedules. */
  long MAX_DELAY_NANOS = 60_000_000_000L;

  long INITIAL_DELAY_NANOS = 10_000_000;

  /** The schedule of the table, for the plain maps, which keep the same states. */
  BackoffSchedule SCHEDULE = BackoffSchedule.exponential(
      Duration.ofNanos(INITIAL_DELAY_NANOS), Duration.ofNanos(MAX_DELAY_NANOS));

  /** What a plain map keeps of a peer that has failed once more. */
  static BackoffState failed(@Nullable BackoffState state, long nowNanos) {
    int attempts = state == null ? 1 : state.attempts() + 1;
    return new BackoffState(
        attempts, nowNanos, Nanos.plus(nowNanos, SCHEDULE.delayNanos(attempts)));
  }

  /** What a plain map keeps of a peer that is cooling. */
  static BackoffState cooling() {
    return new BackoffState(1, Stretch.START, Stretch.START + MAX_DELAY_NANOS);
  }

  /** Makes every peer known, and none of them cooling at {@link Stretch#LATER}. */
  void know(P[] peers);

  /** Makes every peer cooling at {@link Stretch#SOON}. */
  void cool(P[] peers);

  /** Asks of each peer whether it may be tried, at one time. */
  long ask(Stretch<P> stretch);

  /** Records a failure of each peer. */
  long fail(Stretch<P> stretch);

  /** Records a failure and then a success of each peer. */
  long flap(Stretch<P> stretch);

  /** Asks of nine peers in ten, records a failure of 8 %, and a success of 2 %; see {@link Storm}. */
  long storm(Stretch<P> stretch);

  /** What holds all that is known of the peers: parts by their names, each of which holds those before it. */
  Map<String, Object> parts();
}
