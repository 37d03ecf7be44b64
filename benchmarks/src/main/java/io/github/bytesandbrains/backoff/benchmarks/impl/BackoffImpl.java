package io.github.bytesandbrains.backoff.benchmarks.impl;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An implementation that tracks failing peers. */
public abstract class BackoffImpl<P> {
  /** The time between two records of a loop: a million failures a second. */
  public static final long STEP_NANOS = 1_000;

  /** How long {@link #cool} makes peers cool, and the longest delay of every schedule. */
  public static final long MAX_DELAY_NANOS = 60_000_000_000L;

  protected static final long INITIAL_DELAY_NANOS = 10_000_000;

  private static final BackoffSchedule SCHEDULE = BackoffSchedule.exponential(
      Duration.ofNanos(INITIAL_DELAY_NANOS), Duration.ofNanos(MAX_DELAY_NANOS));

  private final PeerLoops loops = PeerLoops.of(getClass());

  /** Makes a peer cooling at {@link PeerSlice#SOON}. */
  public abstract void cool(P peer);

  /** Makes a peer known, and not cooling at {@link PeerSlice#LATER}. */
  public void know(P peer) {
    cool(peer);
  }

  /** Whether the peer may be tried. */
  protected abstract boolean shouldRetry(P peer, long nowNanos);

  /** Records a failure; returns something that depends on it. */
  protected abstract long recordFailure(P peer, long nowNanos);

  /** Records a success; returns something that depends on it. */
  protected abstract long recordSuccess(P peer, long nowNanos);

  /** Records a failure and then a success. */
  long flap(P peer, long nowNanos) {
    return recordFailure(peer, nowNanos) + recordSuccess(peer, nowNanos);
  }

  /** Asks for each peer whether it may be tried, all at one time; returns how many may. */
  public final long shouldRetry(PeerSlice<P> slice) {
    return loops.shouldRetry(this, slice);
  }

  /** Records a failure of each peer; returns a checksum, so that no work is optimized away. */
  public final long recordFailure(PeerSlice<P> slice) {
    return loops.recordFailure(this, slice);
  }

  /** Records a failure and then a success of each peer. */
  public final long flap(PeerSlice<P> slice) {
    return loops.flap(this, slice);
  }

  /** Does one operation of {@link PeerLoops.MixedLoad} on each peer. */
  public final long mixedLoad(PeerSlice<P> slice) {
    return loops.mixedLoad(this, slice);
  }

  /** The state that a plain map keeps of a peer after one more failure. */
  public static BackoffState afterFailure(@Nullable BackoffState state, long nowNanos) {
    int attempts = state == null ? 1 : state.attempts() + 1;
    long nextRetry = nowNanos + SCHEDULE.delayNanos(attempts);
    return new BackoffState(attempts, nowNanos, nextRetry < nowNanos ? Long.MAX_VALUE : nextRetry);
  }

  /** The state that a plain map keeps of a cooling peer. */
  static BackoffState coolingState() {
    return new BackoffState(1, PeerSlice.START, PeerSlice.START + MAX_DELAY_NANOS);
  }

  /** What a plain map answers. */
  static boolean isDue(@Nullable BackoffState state, long nowNanos) {
    return state == null || !state.isCooling(nowNanos);
  }
}
