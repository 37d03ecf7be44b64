package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Remembers which peers are failing and tells every thread how long to leave each one alone.
 *
 * <p>One table is shared by all threads that send. It is asked before a send and told the outcome
 * after it:
 *
 * <pre>{@code
 * if (table.shouldRetry(peer)) {
 *   try {
 *     send(peer, message);
 *     table.recordSuccess(peer);
 *   } catch (IOException e) {
 *     table.recordFailure(peer);
 *   }
 * }
 * }</pre>
 *
 * <p>It starts no thread, never sleeps and never retries by itself: it remembers, the caller
 * decides.
 *
 * <h2>Time</h2>
 *
 * Each operation that needs the time comes twice. One form reads the table's clock and takes and
 * returns {@link Duration}s; the other takes {@code nowNanos}, and its delays are nanoseconds. Both
 * must speak of the same time domain, that of the table's clock ({@link System#nanoTime} unless the
 * builder sets one). The table trusts its caller's time: a {@code nowNanos} before an earlier one
 * simply counts. Arithmetic saturates at {@link Long#MAX_VALUE}, which means "never"; a clock that
 * wraps around is not supported.
 *
 * <h2>Concurrency</h2>
 *
 * Every operation on one peer is linearizable: it takes effect at one instant between its call and
 * its return, so that no failure is lost among threads. Questions take no lock, allocate nothing
 * and write no shared memory. What covers all peers ({@link #size}, {@link #forEach}, {@link
 * #snapshot}) is weakly consistent.
 *
 * <h2>Eviction</h2>
 *
 * A peer of which no outcome is recorded for {@code idleTimeout} after its next retry is forgotten;
 * asking about it is not activity. The work is done, a bounded share at a time and with a delay of
 * about a second, by the calls that record, and in full by {@link #cleanUp()}. A peer that must
 * still be left alone is never idle. When there are more than {@code maximumPeers}, those that fail
 * least often or least lately are evicted, cooling or not.
 *
 * <h2>Peers</h2>
 *
 * A peer is anything that can be the key of a {@link ConcurrentHashMap}: not null, immutable as far
 * as {@code equals} and {@code hashCode} go. A null peer is a {@link NullPointerException}. Every
 * exception that a method throws leaves the table as it was.
 *
 * @param <P> the type of the peers
 */
public final class ConcurrentBackoffTable<P> {
  /*
   * The horizon is an upper bound of every nextRetry ever recorded: from then on no peer is cooling,
   * and nothing has to be looked up. It is raised before the state that needs it is published;
   * after, a thread that has seen the state could still be told "true" by the old horizon. It is
   * rounded up, by at most 8.4 ms, so that a storm of failures seldom writes it.
   */
  private static final AtomicLongFieldUpdater<ConcurrentBackoffTable<?>> HORIZON = horizonUpdater();

  private static final long HORIZON_STEP = 1L << 23;

  private final ConcurrentHashMap<P, BackoffState> states = new ConcurrentHashMap<>();
  private final IdleIndex<P> index;
  private final BackoffSchedule schedule;
  private final LongSupplier clock;

  private volatile long horizonNanos = Long.MIN_VALUE;

  private ConcurrentBackoffTable(Builder builder) {
    schedule = builder.schedule;
    clock = builder.nanoTime;
    index = new IdleIndex<>(states, builder.idleTimeoutNanos(), builder.maximumPeers);
  }

  /**
   * Returns a table with an initial delay of 10 ms, a maximum delay of 60 s and a multiplier of 2,
   * which forgets a peer that was idle for 120 s and holds 1,000,000 peers.
   */
  public static <P> ConcurrentBackoffTable<P> create() {
    return builder().build();
  }

  /** Returns a builder with the values of {@link #create()}. */
  public static Builder builder() {
    return new Builder();
  }

  // Recording

  /** {@link #recordFailure(Object, long)}, now. */
  public BackoffState recordFailure(P peer) {
    return recordFailure(peer, clock.getAsLong());
  }

  /**
   * Records that a send to the peer failed: one attempt more, and the delay that the schedule has
   * for so many. Atomic: N calls from any threads raise the attempts by N.
   *
   * @return the peer's new state
   */
  public BackoffState recordFailure(P peer, long nowNanos) {
    requireNonNull(peer, "peer");
    BackoffState recorded = states.compute(
        peer, (p, state) -> raised(BackoffState.afterFailure(state, nowNanos, schedule)));
    index.recorded(peer, recorded, nowNanos);
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
   * schedule's delay, also when it is shorter, up to the schedule's maximum delay. Atomic.
   *
   * @param minBackoffNanos the peer's word, at least 0
   * @return the peer's new state
   * @throws IllegalArgumentException if {@code minBackoffNanos} is negative
   */
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    requireNonNull(peer, "peer");
    if (minBackoffNanos < 0) {
      throw Nanos.unexpected("minBackoffNanos", minBackoffNanos, ">= 0");
    }
    long delayNanos = Math.min(minBackoffNanos, schedule.maxDelayNanos());
    BackoffState recorded = states.compute(
        peer, (p, state) -> raised(BackoffState.afterAdvisory(state, nowNanos, delayNanos)));
    index.recorded(peer, recorded, nowNanos);
    return recorded;
  }

  /**
   * Records that a send to the peer succeeded: the peer is forgotten. Atomic.
   *
   * @return whether it was tracked
   */
  public boolean recordSuccess(P peer) {
    requireNonNull(peer, "peer");
    return states.remove(peer) != null;
  }

  /**
   * Puts a state in as it is, in place of one that may be there, without counting a failure. Reads
   * the table's clock, to know when the peer will be idle. Atomic.
   */
  public void restoreState(P peer, BackoffState state) {
    requireNonNull(peer, "peer");
    requireNonNull(state, "state");
    long nowNanos = clock.getAsLong();
    states.put(peer, raised(state));
    index.restored(peer, nowNanos);
  }

  /** Raises the horizon to a state that is about to be published. */
  private BackoffState raised(BackoffState state) {
    if (state.nextRetryNanos() > horizonNanos) {
      HORIZON.accumulateAndGet(this, state.nextRetryNanos() | (HORIZON_STEP - 1), Math::max);
    }
    return state;
  }

  // Asking

  /**
   * Returns whether the peer may be tried now: it is not tracked, or its next retry has come. Reads
   * the table's clock only if the peer is tracked.
   */
  public boolean shouldRetry(P peer) {
    BackoffState state = states.get(requireNonNull(peer, "peer"));
    return state == null || !state.isCooling(clock.getAsLong());
  }

  /**
   * Returns whether the peer may be tried at {@code nowNanos}; see {@link #shouldRetry(Object)}.
   */
  public boolean shouldRetry(P peer, long nowNanos) {
    requireNonNull(peer, "peer");
    if (nowNanos >= horizonNanos) {
      return true;
    }
    BackoffState state = states.get(peer);
    return state == null || !state.isCooling(nowNanos);
  }

  /**
   * Returns how long the peer must still be left alone; zero if it may be tried now. Reads the
   * table's clock only if the peer is tracked.
   */
  public Duration remaining(P peer) {
    BackoffState state = states.get(requireNonNull(peer, "peer"));
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
    BackoffState state = states.get(requireNonNull(peer, "peer"));
    return state == null ? 0 : state.remainingNanos(nowNanos);
  }

  /** Returns what is known of the peer; empty if it is not tracked. */
  public Optional<BackoffState> state(P peer) {
    return Optional.ofNullable(states.get(requireNonNull(peer, "peer")));
  }

  /** Returns the present time of the table's clock, in nanoseconds. */
  public long nanoTime() {
    return clock.getAsLong();
  }

  // All peers

  /**
   * Returns the number of tracked peers, {@link Integer#MAX_VALUE} at most. Idle peers that are not
   * evicted yet count.
   */
  public int size() {
    return states.size();
  }

  /** Returns whether no peer is tracked. */
  public boolean isEmpty() {
    return states.isEmpty();
  }

  /**
   * Calls {@code action} with every tracked peer and its state. Weakly consistent: each state is
   * one that the peer had, a peer that is recorded meanwhile may or may not be seen, and {@code
   * action} may itself write to the table.
   */
  public void forEach(BiConsumer<? super P, ? super BackoffState> action) {
    states.forEach(requireNonNull(action, "action"));
  }

  /** Returns an unmodifiable copy of the tracked peers and their states; weakly consistent. */
  public Map<P, BackoffState> snapshot() {
    // Not Map.copyOf: it throws when a peer that is forgotten and failed again is met twice.
    return Collections.unmodifiableMap(new HashMap<>(states));
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
  }

  @Override
  public String toString() {
    return "ConcurrentBackoffTable[size=" + size() + ", schedule=" + schedule + "]";
  }

  IdleIndex<P> index() {
    return index;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static AtomicLongFieldUpdater<ConcurrentBackoffTable<?>> horizonUpdater() {
    return (AtomicLongFieldUpdater)
        AtomicLongFieldUpdater.newUpdater(ConcurrentBackoffTable.class, "horizonNanos");
  }

  /** Builds a {@link ConcurrentBackoffTable}. Not thread-safe; may build more than one table. */
  public static final class Builder {
    private BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
    private long idleTimeoutNanos; // 0: not set
    private long maximumPeers = 1_000_000;
    private LongSupplier nanoTime = System::nanoTime;

    private Builder() {}

    /** Sets how long to leave a peer alone; 10 ms doubling to 60 s unless set. */
    public Builder schedule(BackoffSchedule schedule) {
      this.schedule = requireNonNull(schedule, "schedule");
      return this;
    }

    /**
     * Sets how long after its next retry a peer without a recorded outcome is forgotten; twice the
     * schedule's maximum delay unless set. {@code Duration.ofNanos(Long.MAX_VALUE)} is never.
     *
     * @throws IllegalArgumentException if {@code idleTimeout} is not positive
     */
    public Builder idleTimeout(Duration idleTimeout) {
      idleTimeoutNanos = Nanos.of("idleTimeout", idleTimeout, 1);
      return this;
    }

    /**
     * Sets how many peers are tracked at most, but for a bounded overshoot while threads record;
     * 1,000,000 unless set.
     *
     * @throws IllegalArgumentException if {@code maximumPeers} is not positive
     */
    public Builder maximumPeers(long maximumPeers) {
      if (maximumPeers < 1) {
        throw Nanos.unexpected("maximumPeers", maximumPeers, "> 0");
      }
      this.maximumPeers = maximumPeers;
      return this;
    }

    /**
     * Sets the clock, in nanoseconds from any origin; {@link System#nanoTime} unless set. It is
     * called by many threads. What it throws reaches the caller and leaves the table as it was.
     */
    public Builder nanoTime(LongSupplier nanoTime) {
      this.nanoTime = requireNonNull(nanoTime, "nanoTime");
      return this;
    }

    /** Returns a new, empty table. */
    public <P> ConcurrentBackoffTable<P> build() {
      return new ConcurrentBackoffTable<>(this);
    }

    private long idleTimeoutNanos() {
      return idleTimeoutNanos > 0
          ? idleTimeoutNanos
          : Nanos.plus(schedule.maxDelayNanos(), schedule.maxDelayNanos());
    }
  }
}
