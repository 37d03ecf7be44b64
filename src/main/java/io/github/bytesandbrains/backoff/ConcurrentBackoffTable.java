package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which peers are failing and tells every thread how long to leave each one alone. One table
 * is shared by all threads that send, asked before a send and told the outcome after it; the package
 * has the drawing and an example. It starts no thread, never sleeps and never retries by itself: it
 * remembers, the caller decides.
 *
 * <p><b>Time.</b> Each operation that needs the time comes twice. One form reads the table's clock and
 * takes and returns {@link Duration}s; the other takes {@code nowNanos}, and its delays are
 * nanoseconds. Both must speak of the time of the table's clock ({@link System#nanoTime} unless the
 * builder sets one). The table trusts its caller: a {@code nowNanos} before an earlier one simply
 * counts. Arithmetic saturates at {@link Long#MAX_VALUE}, which means "never"; a clock that wraps
 * around is not supported.
 *
 * <p><b>Concurrency.</b> Every operation on one peer is linearizable: it takes effect at one instant
 * between its call and its return, so that no failure is lost among threads. Questions take no lock,
 * allocate nothing but their answer, and write no shared memory. What covers all peers ({@link #size}, {@link #forEach},
 * {@link #snapshot}, {@link #stats}) is weakly consistent.
 *
 * <p><b>Eviction.</b> A peer of which no outcome is recorded for {@code idleTimeout} after its next
 * retry is forgotten; asking about it is not activity, while a probe that is abandoned or a state that is
 * restored may keep it for one {@code idleTimeout} from then. The work is done, a bounded share at a time and
 * with a delay of about a second, by the calls that record, and in full by {@link #cleanUp()}. A peer
 * that must still be left alone is never idle. When there are more than {@code maximumPeers}, those
 * that fail least often or least lately are evicted, cooling or not.
 *
 * <p><b>Peers.</b> A peer is anything that can be the key of a {@link
 * java.util.concurrent.ConcurrentHashMap}. A null argument is a {@link NullPointerException}. Every
 * exception that a method throws leaves the table as it was.
 *
 * @param <P> the type of the peers
 */
public final class ConcurrentBackoffTable<P> extends PeerStates<P> {
  final Counters counters;
  final Probes probes;
  private final Recorders<P> recorders = new Recorders<>(this);
  final BackoffSchedule schedule;
  private final long maxAdvisoryNanos;
  final long probeLeaseNanos;
  final Predicate<? super Throwable> peerFailure;
  private final LongSupplier clock;

  ConcurrentBackoffTable(BackoffTableBuilder builder) {
    this(builder, new Counters());
  }

  private ConcurrentBackoffTable(BackoffTableBuilder builder, Counters counters) {
    super(builder, counters);
    this.counters = counters;
    probes = new Probes(counters);
    schedule = builder.schedule;
    maxAdvisoryNanos = builder.maxAdvisoryNanos();
    probeLeaseNanos = builder.probeLeaseNanos;
    peerFailure = builder.peerFailure;
    clock = builder.nanoTime;
  }

  /**
   * Returns a table with an initial delay of 10 ms, a maximum delay of 60 s and a multiplier of 2,
   * which forgets a peer that was idle for 120 s and holds 1,000,000 peers.
   */
  public static <P> ConcurrentBackoffTable<P> create() {
    return builder().build();
  }

  /** Returns a builder with the values of {@link #create()}. */
  public static BackoffTableBuilder builder() {
    return new BackoffTableBuilder();
  }

  // Recording

  /** {@link #recordFailure(Object, long)}, now. */
  public BackoffState recordFailure(P peer) {
    return recordFailure(peer, clock.getAsLong());
  }

  /**
   * Records that a send to the peer failed: one attempt more, and the delay that the schedule has
   * for so many. Atomic: N calls from any threads raise the attempts by N. While other threads record
   * the same peer at this very moment, one call in 16 spins for up to 40 microseconds when it is done.
   *
   * @return the peer's new state
   */
  public BackoffState recordFailure(P peer, long nowNanos) {
    Recorder<P> recorder = recorders.own();
    if (recorder == null) {
      return failed(update(peer, state -> afterFailure(state, nowNanos)));
    }
    BackoffState seen = recorder.looks() ? get(peer) : null;
    long outer = recorder.at(nowNanos);
    BackoffState recorded;
    try {
      recorded = update(peer, recorder);
    } finally {
      recorder.at(outer);
    }
    if (seen != null && recorded.attempts() - seen.attempts() > 1) {
      Recorder.giveWay(recorded.attempts());
    }
    index.told(nowNanos);
    return recorded;
  }

  /**
   * {@link #recordRemoteAdvisory(Object, long, long)}, now.
   *
   * @throws IllegalArgumentException if {@code minBackoff} is negative
   */
  public BackoffState recordRemoteAdvisory(P peer, Duration minBackoff) {
    long minBackoffNanos = Nanos.of("minBackoff", minBackoff, 0);
    return recordRemoteAdvisory(peer, clock.getAsLong(), minBackoffNanos);
  }

  /**
   * Records that the peer itself said how long to stay away, which elsewhere is called {@code
   * Retry-After}, pushback or throttling. It counts as an attempt. The peer's word replaces the
   * schedule's delay, also when it is shorter, up to {@code maxAdvisory}. No jitter applies. Atomic.
   *
   * @param minBackoffNanos the peer's word, at least 0
   * @return the peer's new state
   * @throws IllegalArgumentException if {@code minBackoffNanos} is negative
   */
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    BackoffState recorded = update(peer, state -> afterAdvisory(state, nowNanos, minBackoffNanos));
    return advised(recorded, minBackoffNanos);
  }

  /**
   * Records that a send to the peer succeeded: the peer is forgotten. Atomic.
   *
   * @return whether it was tracked
   */
  public boolean recordSuccess(P peer) {
    boolean tracked = forget(peer);
    if (tracked) {
      counters.successes.increment();
    }
    return tracked;
  }

  /**
   * Puts a state in as it is, in place of one that may be there, without counting a failure. Reads
   * the table's clock, to know when the peer will be idle. Atomic.
   */
  public void restoreState(P peer, BackoffState state) {
    requireNonNull(state, "state");
    long nowNanos = clock.getAsLong();
    put(peer, state);
    index.told(nowNanos);
  }

  /** Accounts for a failure whose state has been published. */
  BackoffState failed(BackoffState recorded) {
    counters.failed(recorded);
    index.told(recorded.lastAttemptNanos());
    return recorded;
  }

  /** Accounts for an advisory whose state has been published. */
  BackoffState advised(BackoffState recorded, long minBackoffNanos) {
    counters.advised(recorded);
    if (minBackoffNanos > maxAdvisoryNanos) {
      counters.clampedAdvisories.increment();
    }
    index.told(recorded.lastAttemptNanos());
    return recorded;
  }

  // Asking

  /**
   * Returns whether the peer may be tried now: it is not tracked, or its next retry has come. Reads
   * the table's clock only if the peer is tracked.
   */
  public boolean shouldRetry(P peer) {
    BackoffState state = get(peer);
    return state == null || !state.isCooling(clock.getAsLong());
  }

  /** Returns whether the peer may be tried at that time; see {@link #shouldRetry(Object)}. */
  public boolean shouldRetry(P peer, long nowNanos) {
    return !isCooling(peer, nowNanos);
  }

  /**
   * Returns how long the peer must still be left alone; zero if it may be tried now. While a probe is
   * out it is the rest of the lease, which the probe's outcome may end sooner. Reads the table's
   * clock only if the peer is tracked.
   */
  public Duration remaining(P peer) {
    BackoffState state = get(peer);
    return state == null
        ? Duration.ZERO
        : Duration.ofNanos(state.remainingNanos(clock.getAsLong()));
  }

  /**
   * Returns how long the peer must still be left alone at {@code nowNanos}.
   *
   * @return nanoseconds; 0 if the peer may be tried
   */
  public long remaining(P peer, long nowNanos) {
    BackoffState state = get(peer);
    return state == null ? 0 : state.remainingNanos(nowNanos);
  }

  /** Returns what is known of the peer; empty if it is not tracked. */
  public Optional<BackoffState> state(P peer) {
    return Optional.ofNullable(get(peer));
  }

  /** {@link #explain(Object, long)}, now. */
  public String explain(P peer) {
    return explain(peer, clock.getAsLong());
  }

  /**
   * Returns one line for a log, which does not name the peer: attempts, how long the peer must still be left
   * alone, what imposed that, and when. An advisory is told from the schedule by its delay, if that tells.
   */
  public String explain(P peer, long nowNanos) {
    return Explanation.of(this, peer, nowNanos);
  }

  /** Returns the schedule's longest delay. */
  public Duration maxDelay() {
    return Duration.ofNanos(schedule.maxDelayNanos());
  }

  /** Returns the present time of the table's clock, in nanoseconds. */
  public long nanoTime() {
    return clock.getAsLong();
  }

  // Attempting

  /** {@link #tryAcquire(Object, long)}, now. Reads the table's clock only if the peer is tracked. */
  public Optional<Attempt> tryAcquire(P peer) {
    return get(peer) == null
        ? Optional.of(admitted(new Attempt(this, peer, null)))
        : tryAcquire(peer, clock.getAsLong());
  }

  /**
   * Asks and admits in one step. To a peer that is not tracked any number of attempts is admitted, to
   * a cooling one none. Of a due peer exactly one caller gets the probe, which moves the next retry to
   * {@code nowNanos + probeLease}: for the others the peer is cooling until the probe has an outcome
   * or the lease is over. Atomic.
   *
   * @return the attempt, to be told its outcome; empty if the peer is cooling, for {@link #remaining}
   */
  public Optional<Attempt> tryAcquire(P peer, long nowNanos) {
    while (true) {
      BackoffState state = get(peer);
      if (state == null) {
        return Optional.of(admitted(new Attempt(this, peer, null)));
      }
      if (state.isCooling(nowNanos)) {
        counters.denied.increment();
        return Optional.empty();
      }
      BackoffState leased = state.leased(nowNanos, probeLeaseNanos);
      if (replace(peer, state, leased)) {
        return Optional.of(admitted(new Attempt(this, peer, probes.open(state, leased))));
      }
    }
  }

  /**
   * Sends as an attempt of its own: acquires, runs {@code send}, and tells the outcome: a return is a
   * success; what is thrown is a failure or, if {@link BackoffTableBuilder#peerFailure} says so, abandoned.
   *
   * @return what {@code send} returned
   * @throws PeerCoolingException if the peer is cooling; {@code send} was not run
   * @throws Exception what {@code send} threw
   */
  public <T extends @Nullable Object> T call(P peer, Callable<T> send) throws Exception {
    requireNonNull(send, "send");
    return tryAcquire(peer).orElseThrow(() -> cooling(peer)).call(send);
  }

  /**
   * {@link #call} for a send that completes later. Never throws because of the peer: a stage that
   * completes with {@link PeerCoolingException} is returned instead.
   */
  public <T extends @Nullable Object> CompletionStage<T> callAsync(
      P peer, Supplier<? extends CompletionStage<T>> send) {
    requireNonNull(send, "send");
    return tryAcquire(peer)
        .map(attempt -> attempt.callAsync(send))
        .orElseGet(() -> CompletableFuture.failedFuture(cooling(peer)));
  }

  private PeerCoolingException cooling(P peer) {
    return new PeerCoolingException(peer, remaining(peer));
  }

  private Attempt admitted(Attempt attempt) {
    counters.admitted.increment();
    return attempt;
  }

  // What an attempt tells

  BackoffState afterFailure(BackoffState state, long nowNanos) {
    return state.afterFailure(nowNanos, schedule);
  }

  BackoffState afterAdvisory(BackoffState state, long nowNanos, long minBackoffNanos) {
    if (minBackoffNanos < 0) {
      throw Nanos.unexpected("minBackoffNanos", minBackoffNanos, ">= 0");
    }
    return state.afterAdvisory(nowNanos, Math.min(minBackoffNanos, maxAdvisoryNanos));
  }

  // All peers

  /**
   * Returns the number of tracked peers, {@link Integer#MAX_VALUE} at most. Idle peers that are not
   * evicted yet count. Weakly consistent: a peer may be counted an instant before its state is seen.
   */
  public int size() {
    return tracked();
  }

  /** Returns whether no peer is tracked. */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Calls {@code action} with every tracked peer and its state. Weakly consistent: each state is
   * one that the peer had, a peer that is recorded meanwhile may or may not be seen, and {@code
   * action} may itself write to the table.
   */
  public void forEach(BiConsumer<? super P, ? super BackoffState> action) {
    forEachTracked(requireNonNull(action, "action"));
  }

  /** Returns an unmodifiable copy of the tracked peers and their states; weakly consistent. */
  public Map<P, BackoffState> snapshot() {
    // Not Map.copyOf: it throws when a peer that is evicted and failed again is met twice.
    Map<P, BackoffState> snapshot = new HashMap<>();
    forEach(snapshot::put);
    return Collections.unmodifiableMap(snapshot);
  }

  /** {@link #cleanUp(long)}, now. */
  public void cleanUp() {
    cleanUp(clock.getAsLong());
  }

  /**
   * Evicts every peer that is idle. Never needed for the answers to be right; worth a call when the
   * table has seen no recording for long and its memory matters. Takes time in proportion to what
   * there is to evict.
   */
  public void cleanUp(long nowNanos) {
    index.cleanUp(nowNanos);
    probes.cleanUp();
  }

  /** Returns what was counted since the table was created. */
  public BackoffStats stats() {
    return counters.stats(recorders.sum(Recorder::failures), recorders.sum(Recorder::delayMicros));
  }

  @Override
  public String toString() {
    return "ConcurrentBackoffTable[size=" + size() + ", schedule=" + schedule + "]";
  }
}
