package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import io.github.bytesandbrains.backoff.Counters.Counter;
import io.github.bytesandbrains.backoff.Held.Lease;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which peers are failing and how long each one must be left alone. All threads that send
 * share one table: check it before a send, report the outcome after. The package documentation has
 * a drawing of the states and an example. The table starts no thread, never sleeps and never
 * retries by itself: it remembers, the caller decides.
 *
 * <p><b>Time.</b> Most operations that need the time have two forms. One reads the table's clock,
 * and takes and returns {@link Duration}s. The other takes {@code nowNanos}, and its delays are
 * nanoseconds. A {@code nowNanos} must come from the time domain of the table's clock ({@link
 * System#nanoTime} unless the builder sets another). {@code call}, {@code callAsync}, {@code
 * restoreState} and {@code replaceState} always read the clock. The table trusts its caller: a
 * {@code nowNanos} before an earlier one is accepted. Arithmetic saturates at {@link
 * Long#MAX_VALUE}, which means "never"; a clock that wraps around is not supported.
 *
 * <p><b>Concurrency.</b> Every operation on one peer is linearizable: it takes effect at one
 * instant between its call and its return, so no failure is lost. Queries take no lock, allocate
 * nothing but their answer, and write no shared memory. Recording a known peer never waits for a
 * scrape, an eviction or a flood of new peers. It waits only for an update in the same bin of the
 * underlying map, so a schedule must be quick. What covers all peers
 * ({@link #size}, {@link #forEach}, {@link #snapshot}, {@link #stats}, {@link #expediteAll}) is
 * weakly consistent.
 *
 * <p><b>Eviction.</b> A peer is <em>idle</em> when nothing was recorded for {@code idleTimeout}
 * after its next retry. Neither a query nor a denied permit is activity; a granted probe moves the
 * next retry to the end of its lease. An idle peer is as good as forgotten: the next failure starts
 * at attempts 1. Its memory is reclaimed, a bounded share at a time, by calls that record a
 * failure, an advisory or a postponement, and in full by {@link #cleanUp()}. Until such a call
 * comes, {@link #state}, {@link #size}, {@link #forEach} and {@link #recordSuccess} still see it. A
 * cooling peer is never idle. Beyond {@code maximumPeers}, the oldest peers with the fewest
 * consecutive failures are evicted, cooling or not.
 *
 * <p><b>Recovery.</b> A success leaves a marker, so that sends that began before it are recognized
 * as stale. The peer is no longer tracked, but its key stays in memory. The marker expires after
 * the next retry that was scheduled, plus the probe lease, plus the shorter of {@code idleTimeout}
 * and twice the maximum delay. It is then reclaimed as an idle peer is. Markers count towards
 * {@code maximumPeers} and are evicted first.
 *
 * <p><b>Peers.</b> A peer is anything that can be a key of a {@link
 * java.util.concurrent.ConcurrentHashMap}. A null argument is a {@link NullPointerException}. An
 * exception that an argument, the clock or the schedule causes leaves the table as it was.
 *
 * @param <P> the type of the peers
 */
@SuppressWarnings("ReferenceEquality") // the very object, not an equal one
public final class ConcurrentBackoffTable<P> {
  /** Multiples of it, modulo 1, are spread evenly, however many there are (Weyl's sequence). */
  private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

  final PeerMap<P> map;
  final Transitions transitions;
  final IdleIndex<P> index;
  private final Listeners<P> listeners = new Listeners<>();
  private final Counters counters = new Counters();
  private final LongSupplier clock;
  private final Function<? super Throwable, Outcome> throwableClassifier;
  private final long maxAdvisoryNanos;
  private final double advisoryJitter;
  private final long maximumPeers;

  /** When to ask again while a probe is in flight, which may succeed at any moment. */
  private final long probePollNanos;

  ConcurrentBackoffTable(BackoffTableBuilder builder) {
    maximumPeers = builder.maximumPeers;
    map = new PeerMap<>(maximumPeers);
    transitions = new Transitions(builder);
    index = new IdleIndex<>(map, transitions, counters, listeners, maximumPeers);
    clock = builder.nanoTime;
    throwableClassifier = builder.throwableClassifier;
    maxAdvisoryNanos = builder.maxAdvisoryNanos();
    advisoryJitter = builder.advisoryJitter;
    probePollNanos = Math.max(1, ScheduleSamples.firstDelayNanos(builder.schedule));
  }

  /**
   * Returns a table with an initial delay of 10 ms, a maximum delay of 60 s and a multiplier of 2,
   * which forgets a peer 120 s after its next retry and holds up to 1,000,000 peers.
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
   * Records that a send to the peer failed: attempts rise by one, and the schedule says for how
   * long the peer is left alone. Always counts, unlike {@link Permit#recordFailure()}: sixteen
   * sends in flight raise attempts by sixteen. Use a permit if sends run concurrently, and this for
   * what was learned without one. Atomic: N calls from any threads raise attempts by N.
   *
   * @return the peer's new state
   */
  public BackoffState recordFailure(P peer, long nowNanos) {
    return record(
        Change.FAILED,
        peer,
        nowNanos,
        (p, held) -> map.publish(held, transitions.afterFailure(held, nowNanos)));
  }

  /** {@link #recordRemoteAdvisory(Object, long, long)}, now. */
  public BackoffState recordRemoteAdvisory(P peer, Duration minBackoff) {
    long minBackoffNanos = Nanos.ofAdvisory(minBackoff);
    return recordRemoteAdvisory(peer, clock.getAsLong(), minBackoffNanos);
  }

  /**
   * Records a delay that the peer itself requested; other systems call this {@code Retry-After},
   * pushback or throttling. It raises attempts as a failure does, is counted as an advisory, and
   * replaces the schedule's delay even if it is shorter; 0 makes the peer due at once. {@code
   * maxAdvisory} bounds it; {@code advisoryJitter} may lengthen it within that bound. The
   * schedule's jitter does not apply. Always counts, and is atomic, as {@link
   * #recordFailure(Object, long)}.
   *
   * @param minBackoffNanos the requested delay; a negative one, a date in the past, counts as 0
   * @return the peer's new state
   */
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    long delayNanos = advisoryNanos(minBackoffNanos);
    BackoffState state = record(
        Change.ADVISED,
        peer,
        nowNanos,
        (p, held) -> map.publish(held, transitions.afterAdvisory(held, nowNanos, delayNanos)));
    countIfClamped(minBackoffNanos);
    return state;
  }

  /**
   * Records that a send to the peer succeeded: the peer is forgotten. Atomic.
   *
   * @return whether it was tracked
   */
  public boolean recordSuccess(P peer) {
    Held last = forgetTracked(peer);
    if (last == null) {
      return false;
    }
    counters.increment(Counter.SUCCESSES);
    notifyListeners(Change.SUCCEEDED, peer, last);
    return true;
  }

  /** Applies an outcome that always counts, and accounts for it once it is visible. */
  private BackoffState record(
      Change change, P peer, long nowNanos, BiFunction<P, @Nullable Held, @Nullable Held> step) {
    Held held = map.updatePresent(peer, step);
    boolean absent = held == null;
    BackoffState state = (BackoffState) requireNonNull(absent ? map.update(peer, step) : held);
    count(change, state);
    notifyListeners(change, peer, state);
    index.afterWrite(nowNanos, absent);
    return state;
  }

  private void count(Change change, BackoffState state) {
    if (change == Change.FAILED) {
      counters.impose(Counter.FAILURES, Counter.FAILURE_DELAY_MICROS, state);
    } else {
      counters.impose(Counter.ADVISORIES, Counter.ADVISORY_DELAY_MICROS, state);
    }
  }

  private void notifyListeners(Change change, P peer, Held held) {
    BackoffState state = listeners.isEmpty() ? null : Held.visible(held);
    if (state != null) {
      listeners.changed(peer, change, state);
    }
  }

  /** A requested delay within its bounds, lengthened by its jitter. */
  private long advisoryNanos(long minBackoffNanos) {
    long delayNanos = Math.max(0, minBackoffNanos);
    if (advisoryJitter > 0) {
      double share = advisoryJitter * ThreadLocalRandom.current().nextDouble();
      delayNanos = Nanos.plus(delayNanos, (long) (delayNanos * share));
    }
    return Math.min(delayNanos, maxAdvisoryNanos);
  }

  private void countIfClamped(long minBackoffNanos) {
    if (minBackoffNanos > maxAdvisoryNanos) {
      counters.increment(Counter.CLAMPED_ADVISORIES);
    }
  }

  // What a permit reports

  boolean recordFailureOf(Permit permit, long nowNanos) {
    return record(new Report<P>(this, permit, Change.FAILED, nowNanos, 0));
  }

  boolean recordRemoteAdvisoryOf(Permit permit, long nowNanos, long minBackoffNanos) {
    long delayNanos = advisoryNanos(minBackoffNanos);
    Report<P> report = new Report<>(this, permit, Change.ADVISED, nowNanos, delayNanos);
    boolean counted = record(report);
    if (report.first) {
      countIfClamped(minBackoffNanos);
    }
    return counted;
  }

  boolean recordSuccessOf(Permit permit) {
    if (permit.isProbe) {
      return record(new Report<P>(this, permit, Change.SUCCEEDED, 0, 0));
    }
    P peer = peer(permit);
    boolean current; // the success of a healthy peer writes nothing
    int status;
    do {
      status = permit.status();
      current = permit.isCurrent(map.get(peer));
      if (status == Permit.REPORTED) {
        map.awaitUpdate(peer); // by the earlier outcome
        return false;
      }
    } while (!permit.tryReport(status));
    if (!current) {
      counters.increment(Counter.STALE_OUTCOMES);
    }
    return current;
  }

  /** Applies the outcome of a permit, and accounts for it once it is visible. */
  private boolean record(Report<P> report) {
    P peer = peer(report.permit);
    boolean absent = map.updatePresent(peer, report) == null;
    if (absent) {
      map.update(peer, report); // a success leaves the peer absent
    }
    if (!report.first) {
      return false;
    }
    count(report);
    Held shown = report.change == Change.SUCCEEDED ? report.before : report.after;
    if (report.changed() && shown != null) {
      notifyListeners(report.change, peer, shown);
    }
    if (report.change != Change.SUCCEEDED) { // a success knows no time
      index.afterWrite(report.nowNanos, absent);
    }
    return report.counted;
  }

  private void count(Report<P> report) {
    boolean succeeded = report.change == Change.SUCCEEDED;
    if (!report.counted) {
      counters.increment(Counter.STALE_OUTCOMES);
      if (report.changed()) {
        counters.increment(Counter.STALE_ADVISORIES);
      }
      return;
    }
    if (!succeeded) {
      count(report.change, (BackoffState) requireNonNull(report.after));
    } else if (report.changed()) {
      counters.increment(Counter.SUCCESSES);
    }
    if (report.permit.isProbe) {
      counters.increment(succeeded ? Counter.SUCCEEDED_PROBES : Counter.FAILED_PROBES);
    }
  }

  /** Releases the permit, and in the same step gives the lease of a probe back. */
  boolean release(Permit permit) {
    P peer = peer(permit);
    if (!permit.isProbe) {
      boolean released = permit.tryRelease();
      if (!released) {
        map.awaitUpdate(peer); // by the outcome that came first
      }
      return released;
    }
    boolean[] released = new boolean[1];
    Held present = map.updatePresent(peer, (p, held) -> {
      if (!permit.tryRelease() || !(held instanceof Lease lease) || lease.probe() != permit) {
        return held;
      }
      released[0] = true;
      return map.publish(held, lease.base());
    });
    if (present == null) { // evicted, and its lease with it
      permit.tryRelease();
    }
    if (released[0]) {
      counters.increment(Counter.RELEASED_PROBES);
    }
    return released[0];
  }

  @SuppressWarnings("unchecked") // a permit is of this table, and so is its peer
  private P peer(Permit permit) {
    return (P) permit.peer;
  }

  // Asking

  /**
   * Returns whether the peer may be tried now: it is not tracked, or its next retry has come. Reads
   * the table's clock only if the peer is tracked.
   */
  public boolean shouldRetry(P peer) {
    Held held = Held.tracked(map.get(peer));
    return held == null || clock.getAsLong() >= held.nextRetryNanos();
  }

  /** Returns whether the peer may be tried at that time; see {@link #shouldRetry(Object)}. */
  public boolean shouldRetry(P peer, long nowNanos) {
    return !map.isCooling(peer, nowNanos);
  }

  /** {@link #remaining(Object, long)}, now. Reads the table's clock only if the peer is tracked. */
  public Duration remaining(P peer) {
    Held held = Held.tracked(map.get(peer));
    return held == null ? Duration.ZERO : Duration.ofNanos(remaining(held, clock.getAsLong()));
  }

  /**
   * Returns how long to wait before asking again: zero if the peer may be tried now, otherwise how
   * long it is cooling. While a probe is in flight, which may succeed at any moment, it is at most
   * the schedule's first delay.
   *
   * @return nanoseconds; 0 if the peer may be tried, {@link Long#MAX_VALUE} if never
   */
  public long remaining(P peer, long nowNanos) {
    Held held = map.get(peer);
    return held == null ? 0 : remaining(held, nowNanos);
  }

  private long remaining(Held held, long nowNanos) {
    long remainingNanos = Nanos.until(held.nextRetryNanos(), nowNanos);
    return isProbing(held, nowNanos) ? Math.min(remainingNanos, probePollNanos) : remainingNanos;
  }

  /** {@link #isProbing(Object, long)}, now. Reads the table's clock only if the peer is leased. */
  public boolean isProbing(P peer) {
    return map.get(peer) instanceof Lease lease && isProbing(lease, clock.getAsLong());
  }

  /** Returns whether a probe of the peer is in flight and its lease has not expired. */
  public boolean isProbing(P peer, long nowNanos) {
    Held held = map.get(peer);
    return held != null && isProbing(held, nowNanos);
  }

  private static boolean isProbing(Held held, long nowNanos) {
    return held instanceof Lease lease && lease.isRunning(nowNanos);
  }

  /**
   * Returns what is known about the peer; empty if it is not tracked. While a probe is in flight,
   * its next retry is the end of the lease, or of a longer postponement.
   */
  public Optional<BackoffState> state(P peer) {
    return Optional.ofNullable(Held.visible(map.get(peer)));
  }

  /** {@link #explain(Object, long)}, now. */
  public String explain(P peer) {
    return explain(peer, clock.getAsLong());
  }

  /**
   * Returns one line for a log, which does not name the peer: its attempts, how long it must still
   * be left alone, and what imposed that, and when. Whether an advisory did is inferred from the
   * delay; with jitter, or a schedule of the caller's own, it may be unknown.
   */
  public String explain(P peer, long nowNanos) {
    return Explanation.of(map.get(peer), transitions.schedule, nowNanos);
  }

  // Permits

  /**
   * {@link #tryAcquire(Object, long)}, now. Reads the table's clock only if the peer is tracked.
   */
  public Optional<Permit> tryAcquire(P peer) {
    Held held = map.get(peer);
    return Held.tracked(held) == null
        ? Optional.of(granted(new Permit(this, peer, held, false)))
        : tryAcquire(peer, clock.getAsLong());
  }

  /**
   * Checks and admits in one step. A healthy peer admits everyone; a cooling one admits nobody.
   * When a peer is due, exactly one caller is admitted, as the probe. For the others the peer is
   * cooling until the probe reports, is released, or its lease expires at {@code nowNanos +
   * probeLease}. Atomic.
   *
   * @return the permit, which must report its outcome; empty if the peer is cooling, see {@link
   *     #remaining}
   */
  public Optional<Permit> tryAcquire(P peer, long nowNanos) {
    while (true) {
      Held held = map.get(peer);
      Held tracked = Held.tracked(transitions.live(held, nowNanos));
      if (tracked == null) {
        return Optional.of(granted(new Permit(this, peer, Held.outcome(held), false)));
      }
      if (nowNanos < tracked.nextRetryNanos()) {
        counters.increment(Counter.DENIED);
        return Optional.empty();
      }
      Permit probe = new Permit(this, peer, Held.outcome(held), true);
      if (replace(peer, tracked, transitions.leased(tracked, nowNanos, probe))) {
        counters.increment(Counter.PROBES);
        return Optional.of(granted(probe));
      }
    }
  }

  private Permit granted(Permit permit) {
    counters.increment(Counter.GRANTED);
    return permit;
  }

  /**
   * {@link #tryAcquire(Object)} for a caller that handles a cooling peer as an exception.
   *
   * @throws PeerCoolingException if the peer is cooling
   */
  public Permit acquire(P peer) {
    return tryAcquire(peer).orElseThrow(() -> new PeerCoolingException(peer, remaining(peer)));
  }

  /** {@link #acquire(Object)}, at that time. */
  public Permit acquire(P peer, long nowNanos) {
    return tryAcquire(peer, nowNanos)
        .orElseThrow(
            () -> new PeerCoolingException(peer, Duration.ofNanos(remaining(peer, nowNanos))));
  }

  /** {@link #call(Object, Callable, Function)}, for a send whose every result is a success. */
  public <T extends @Nullable Object> T call(P peer, Callable<T> send) throws Exception {
    return call(peer, send, result -> Outcome.success());
  }

  /**
   * Sends with a permit: acquires it, runs {@code send}, and reports the outcome. The classifier
   * says what a result means, the builder's {@code throwableClassifier} what a throwable means. If
   * the classifier throws, the permit is released and the caller gets what it threw.
   *
   * @return what {@code send} returned
   * @throws PeerCoolingException if the peer is cooling; {@code send} was not run
   * @throws Exception what {@code send} threw
   */
  public <T extends @Nullable Object> T call(
      P peer, Callable<T> send, Function<? super T, Outcome> classifier) throws Exception {
    requireNonNull(send, "send");
    requireNonNull(classifier, "classifier");
    return new Call<T>(acquire(peer), classifier, throwableClassifier).run(send);
  }

  /** {@link #callAsync(Object, Supplier, Function)}, for a send whose every result is a success. */
  public <T extends @Nullable Object> CompletableFuture<T> callAsync(
      P peer, Supplier<? extends CompletionStage<T>> send) {
    return callAsync(peer, send, result -> Outcome.success());
  }

  /**
   * {@link #call(Object, Callable, Function)} for a send that completes later. If the peer is
   * cooling, or {@code send} throws, the future that is returned fails.
   *
   * <p>The future completes after the outcome of the send is recorded. If the caller completes it
   * first, as by {@code cancel} or {@code orTimeout}, that is recorded instead, right after: a
   * cancellation releases the permit, a {@link java.util.concurrent.TimeoutException} is a failure,
   * and a value, also that of {@code completeOnTimeout}, is a result. The send itself keeps
   * running; after a cancellation its outcome still counts.
   */
  public <T extends @Nullable Object> CompletableFuture<T> callAsync(
      P peer,
      Supplier<? extends CompletionStage<T>> send,
      Function<? super T, Outcome> classifier) {
    requireNonNull(send, "send");
    requireNonNull(classifier, "classifier");
    return tryAcquire(peer)
        .map(permit -> new Call<T>(permit, classifier, throwableClassifier).start(send))
        .orElseGet(
            () -> CompletableFuture.failedFuture(new PeerCoolingException(peer, remaining(peer))));
  }

  // Steering

  /** {@link #postpone(Object, long, long)}, now. */
  public boolean postpone(P peer, Duration delay) {
    long delayNanos = Nanos.requireAtLeast("delay", delay, 0);
    return postpone(peer, clock.getAsLong(), delayNanos);
  }

  /**
   * Postpones the peer: its next retry is at {@code nowNanos + delayNanos} or later, until another
   * outcome counts. It never shortens a delay, leaves attempts as they are, and is not an outcome.
   * No bound applies. Use it for an exhausted rate limit, for an operator, or for what another
   * machine learned. Atomic.
   *
   * <p>A healthy peer becomes tracked with attempts 0, and admits one probe at a time when the
   * delay ends. A failure replaces the postponement by the schedule's delay, even a shorter
   * one, and the success of a probe forgets it. The success of a send that began while the peer was
   * healthy leaves it in place.
   *
   * @return whether it took effect; false if the peer was to be left alone for that long anyway
   * @throws IllegalArgumentException if {@code delayNanos} is negative
   */
  public boolean postpone(P peer, long nowNanos, long delayNanos) {
    if (delayNanos < 0) {
      throw Nanos.unexpected("delayNanos", delayNanos, ">= 0");
    }
    long untilNanos = Nanos.plus(nowNanos, delayNanos);
    Steered steered = steer(peer, held -> transitions.postponed(held, nowNanos, untilNanos));
    return wrote(steered, nowNanos);
  }

  /** {@link #expedite(Object, long)}, now. Reads the table's clock only if the peer is tracked. */
  public boolean expedite(P peer) {
    return Held.tracked(map.get(peer)) != null && expedite(peer, clock.getAsLong());
  }

  /**
   * Makes the peer due now, because something says that it works again: it sent a message, or an
   * operator says so. Attempts stay as they are, so another failure continues the backoff. A lease
   * ends, so another probe may be admitted; the outcome of the one in flight still counts if it
   * comes first. Atomic.
   *
   * @return whether the peer was tracked, and not idle
   */
  public boolean expedite(P peer, long nowNanos) {
    while (true) {
      Held held = Held.tracked(transitions.live(map.get(peer), nowNanos));
      if (held == null) {
        return false;
      }
      Held next = transitions.expedited(held, nowNanos, nowNanos);
      if (next == held || replace(peer, held, next)) {
        return true;
      }
    }
  }

  /** {@link #expediteAll(long, long)}, now. */
  public int expediteAll(Duration spread) {
    long spreadNanos = Nanos.requireAtLeast("spread", spread, 0);
    return expediteAll(clock.getAsLong(), spreadNanos);
  }

  /**
   * Makes every cooling peer due within {@code spreadNanos}, evenly spread and in no order, because
   * the caller's own network is back. Each one is affected as by {@link #expedite(Object, long)},
   * and none is postponed. Atomic for each peer; weakly consistent over all.
   *
   * @return how many peers were expedited
   * @throws IllegalArgumentException if {@code spreadNanos} is negative
   */
  public int expediteAll(long nowNanos, long spreadNanos) {
    if (spreadNanos < 0) {
      throw Nanos.unexpected("spreadNanos", spreadNanos, ">= 0");
    }
    var spread = new Object() {
      double share = ThreadLocalRandom.current().nextDouble();
      int expedited;
    };
    map.forEach((peer, held) -> {
      spread.share = (spread.share + GOLDEN_RATIO) % 1;
      long atNanos = Nanos.plus(nowNanos, (long) (spread.share * spreadNanos));
      Steered steered =
          steer(peer, h -> h == null ? null : transitions.expedited(h, nowNanos, atNanos));
      if (steered != Steered.UNCHANGED) {
        spread.expedited++;
      }
    });
    return spread.expedited;
  }

  /**
   * Forgets the peer, as a success does, without counting one: an outcome of a send that is in
   * flight is stale. Atomic.
   *
   * @return whether it was tracked
   */
  public boolean forget(P peer) {
    return forgetTracked(peer) != null;
  }

  /** Returns what was held for the peer, or null if it was not tracked: most peers take no lock. */
  private @Nullable Held forgetTracked(P peer) {
    while (true) {
      Held held = Held.tracked(map.get(peer));
      if (held == null) {
        return null;
      }
      if (map.replace(peer, held, transitions.afterSuccess(held))) {
        return held;
      }
    }
  }

  /**
   * Puts a state in as it is, in place of whatever is there, without counting a failure. A lease
   * ends; an outcome of a send that is in flight is stale. Reads the table's clock. Atomic.
   */
  public void restoreState(P peer, BackoffState state) {
    requireNonNull(state, "state");
    long nowNanos = clock.getAsLong();
    wrote(steer(peer, held -> state.copy()), nowNanos);
  }

  /**
   * Replaces the peer's state if it equals {@code expected}, as {@link
   * java.util.concurrent.ConcurrentMap#replace(Object, Object, Object)} does. Null stands for an
   * untracked peer. Otherwise as {@link #restoreState} or, if {@code next} is null, as {@link
   * #forget}.
   *
   * @return whether the state was as expected
   */
  public boolean replaceState(
      P peer, @Nullable BackoffState expected, @Nullable BackoffState next) {
    if (expected == null && next == null) {
      return Held.tracked(map.get(peer)) == null;
    }
    long nowNanos = clock.getAsLong();
    Steered steered = steer(peer, held -> {
      if (!Objects.equals(Held.visible(held), expected)) {
        return held;
      }
      return next == null ? transitions.afterSuccess(requireNonNull(held)) : next.copy();
    });
    return wrote(steered, nowNanos);
  }

  private enum Steered {
    UNCHANGED,
    REPLACED,
    INSERTED
  }

  /** Replaces what is held for the peer by what {@code step}, which must be pure, makes of it. */
  private Steered steer(P peer, UnaryOperator<@Nullable Held> step) {
    while (true) {
      Held held = map.get(peer);
      Held next = step.apply(held);
      if (next == held || next == null) {
        return Steered.UNCHANGED;
      }
      if (held == null) {
        if (map.update(peer, (p, h) -> h == null ? map.publish(null, next) : h) == next) {
          return Steered.INSERTED;
        }
      } else if (replace(peer, held, next)) {
        return Steered.REPLACED;
      }
    }
  }

  /** Replaces what is held, that very object, and counts a probe that loses its lease by that. */
  private boolean replace(P peer, Held held, Held next) {
    // Read before: as long as the lease is there, an open probe has not reported.
    boolean lapses = held instanceof Lease lost
        && lost.probe().isOpen()
        && !(next instanceof Lease lease && lease.probe() == lost.probe());
    boolean replaced = map.replace(peer, held, next);
    if (replaced && lapses) {
      counters.increment(Counter.LAPSED_PROBES);
    }
    return replaced;
  }

  private boolean wrote(Steered steered, long nowNanos) {
    index.afterWrite(nowNanos, steered == Steered.INSERTED);
    return steered != Steered.UNCHANGED;
  }

  // All peers

  /**
   * Returns the number of tracked peers, {@link Integer#MAX_VALUE} at most, idle ones that are not
   * yet evicted included. Weakly consistent: a peer may be counted an instant before its state is
   * visible.
   */
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, map.tracked());
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
    requireNonNull(action, "action");
    map.forEach((peer, held) -> {
      BackoffState state = Held.visible(held);
      if (state != null) {
        action.accept(peer, state);
      }
    });
  }

  /**
   * Returns an unmodifiable copy of the tracked peers and their states; weakly consistent. Its
   * times mean nothing in another process; the package {@code snapshot} has a form that does.
   */
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
   * Evicts every peer that is idle, and every marker of a recovery that has expired. Never needed
   * for an answer to be right; useful after a long time without failures, if memory matters. Takes
   * time in proportion to the number of peers held. Threads that record do not wait for it.
   */
  public void cleanUp(long nowNanos) {
    index.cleanUp(nowNanos);
  }

  /**
   * Adds a listener, which learns of what is recorded and evicted from now on. Without one,
   * recording costs one extra read.
   *
   * @return a registration; closing it removes the listener
   */
  public AutoCloseable addListener(BackoffListener<? super P> listener) {
    return listeners.add(listener);
  }

  /** Returns what was counted since the table was created. */
  public BackoffStats stats() {
    return counters.stats();
  }

  // Options

  /** Returns the present time of the table's clock, in nanoseconds. */
  public long nanoTime() {
    return clock.getAsLong();
  }

  /** Returns the schedule of the delays. */
  public BackoffSchedule schedule() {
    return transitions.schedule;
  }

  /** Returns the schedule's longest delay. */
  public Duration maxDelay() {
    return Duration.ofNanos(transitions.schedule.maxDelayNanos());
  }

  /** Returns the longest delay that a peer may request. */
  public Duration maxAdvisory() {
    return Duration.ofNanos(maxAdvisoryNanos);
  }

  /** Returns the maximum share by which a requested delay is lengthened, from 0.0 to 1.0. */
  public double advisoryJitter() {
    return advisoryJitter;
  }

  /** Returns how long a probe may take before another one is admitted. */
  public Duration probeLease() {
    return Duration.ofNanos(transitions.probeLeaseNanos);
  }

  /** Returns how long after its next retry a peer is idle; 2^63-1 ns means never. */
  public Duration idleTimeout() {
    return Duration.ofNanos(transitions.idleTimeoutNanos);
  }

  /** Returns how many peers the table holds at most. */
  public long maximumPeers() {
    return maximumPeers;
  }

  @Override
  public String toString() {
    return "ConcurrentBackoffTable[size=" + size() + ", schedule=" + schedule() + "]";
  }
}
