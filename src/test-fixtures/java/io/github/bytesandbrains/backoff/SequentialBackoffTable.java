package io.github.bytesandbrains.backoff;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The specification: what a table must answer, for one thread and as plainly as it can be written.
 * It shares no code with the library except the record {@link BackoffState}.
 *
 * <p>It reclaims no memory by itself. {@link #isIdle} says when a table <em>may</em> do so, and a
 * check that compares a table with this one calls {@link #reclaim} if the table did.
 */
class SequentialBackoffTable<P> implements BackoffOperations<P> {
  private static final long NEVER = Long.MAX_VALUE;

  /** All in nanoseconds. */
  record Options(
      long initialDelay, long maxDelay, long maxAdvisory, long probeLease, long idleTimeout) {}

  /** What was recorded last. Compared by identity: two outcomes that look alike differ. */
  private static final class Outcome {
    private final @Nullable BackoffState failing; // null: the peer has recovered
    private final long recoveryExpires;

    private Outcome(@Nullable BackoffState failing, long recoveryExpires) {
      this.failing = failing;
      this.recoveryExpires = recoveryExpires;
    }
  }

  /** The next retry moved without an outcome. */
  private record Hold(long since, long nextRetry) {}

  private record Lease(Object probe, long until) {}

  /** One peer. If it has no outcome, it is only held. */
  private record Entry(
      @Nullable Outcome outcome,
      @Nullable Hold hold,
      @Nullable Lease lease) {
    @Nullable
    BackoffState failing() {
      return outcome == null ? null : outcome.failing;
    }

    /** What a caller sees; null if the peer is not tracked. */
    @Nullable
    BackoffState state() {
      BackoffState failing = failing();
      if (failing == null && hold == null) {
        return null;
      }
      long nextRetry = retryOfProbe();
      return new BackoffState(
          failing == null ? 0 : failing.attempts(),
          failing == null ? Objects.requireNonNull(hold).since : failing.lastAttemptNanos(),
          lease == null ? nextRetry : Math.max(nextRetry, lease.until));
    }

    /** The next retry, apart from a lease. */
    long retryOfProbe() {
      return hold != null ? hold.nextRetry : Objects.requireNonNull(failing()).nextRetryNanos();
    }
  }

  private final Options options;
  private final Map<P, Entry> entries = new HashMap<>();

  SequentialBackoffTable(Options options) {
    this.options = options;
  }

  // Outcomes

  @Override
  public BackoffState recordFailure(P peer, long nowNanos) {
    int attempts = nextAttempts(peer, nowNanos);
    return put(peer, new BackoffState(attempts, nowNanos, plus(nowNanos, delay(attempts))));
  }

  @Override
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    int attempts = nextAttempts(peer, nowNanos);
    return put(
        peer, new BackoffState(attempts, nowNanos, plus(nowNanos, advised(minBackoffNanos))));
  }

  @Override
  public boolean recordSuccess(P peer) {
    return forget(peer);
  }

  @Override
  public boolean forget(P peer) {
    Optional<BackoffState> before = state(peer);
    before.ifPresent(state -> {
      boolean never = state.nextRetryNanos() == NEVER;
      long from = never ? state.lastAttemptNanos() : state.nextRetryNanos();
      long twiceMaxDelay = plus(delay(Integer.MAX_VALUE), delay(Integer.MAX_VALUE));
      long recovery = plus(Math.min(options.idleTimeout, twiceMaxDelay), options.probeLease);
      entries.put(peer, new Entry(new Outcome(null, plus(from, recovery)), null, null));
    });
    return before.isPresent();
  }

  private BackoffState put(P peer, BackoffState state) {
    entries.put(peer, new Entry(new Outcome(state, NEVER), null, null));
    return state;
  }

  private int nextAttempts(P peer, long nowNanos) {
    Entry entry = live(peer, nowNanos);
    BackoffState state = entry == null ? null : entry.failing();
    int attempts = state == null ? 0 : state.attempts();
    return attempts == Integer.MAX_VALUE ? attempts : attempts + 1;
  }

  // Steering

  @Override
  public boolean postpone(P peer, long nowNanos, long delayNanos) {
    if (delayNanos < 0) {
      throw new IllegalArgumentException();
    }
    long until = plus(nowNanos, delayNanos);
    Entry entry = live(peer, nowNanos);
    long retry = entry == null || entry.state() == null ? nowNanos : entry.retryOfProbe();
    if (retry >= until) {
      return false;
    }
    Hold hold = new Hold(nowNanos, until);
    entries.put(
        peer,
        entry == null ? new Entry(null, hold, null) : new Entry(entry.outcome, hold, entry.lease));
    return true;
  }

  @Override
  public boolean expedite(P peer, long nowNanos) {
    Entry entry = live(peer, nowNanos);
    BackoffState state = entry == null ? null : entry.state();
    if (entry == null || state == null) {
      return false;
    }
    if (nowNanos < state.nextRetryNanos()) {
      entries.put(peer, new Entry(entry.outcome, new Hold(nowNanos, nowNanos), null));
    }
    return true;
  }

  @Override
  public void restoreState(P peer, BackoffState state) {
    put(peer, state);
  }

  @Override
  public boolean replaceState(
      P peer, @Nullable BackoffState expected, @Nullable BackoffState next) {
    if (!state(peer).equals(Optional.ofNullable(expected))) {
      return false;
    }
    if (next == null) {
      forget(peer);
    } else {
      put(peer, next);
    }
    return true;
  }

  // Queries

  @Override
  public boolean shouldRetry(P peer, long nowNanos) {
    return state(peer).map(state -> nowNanos >= state.nextRetryNanos()).orElse(true);
  }

  @Override
  public long remaining(P peer, long nowNanos) {
    if (shouldRetry(peer, nowNanos)) {
      return 0;
    }
    long nextRetry = state(peer).orElseThrow().nextRetryNanos();
    long rest = nextRetry == NEVER
        ? NEVER
        : saturated(BigInteger.valueOf(nextRetry).subtract(BigInteger.valueOf(nowNanos)));
    return isProbing(peer, nowNanos) ? Math.min(rest, delay(1)) : rest;
  }

  @Override
  public boolean isProbing(P peer, long nowNanos) {
    Entry entry = entries.get(peer);
    return entry != null && entry.lease != null && nowNanos < entry.lease.until;
  }

  @Override
  public Optional<BackoffState> state(P peer) {
    Entry entry = entries.get(peer);
    return entry == null ? Optional.empty() : Optional.ofNullable(entry.state());
  }

  @Override
  public int size() {
    return snapshot().size();
  }

  @Override
  public Map<P, BackoffState> snapshot() {
    Map<P, BackoffState> snapshot = new HashMap<>();
    entries.keySet().forEach(peer -> state(peer).ifPresent(state -> snapshot.put(peer, state)));
    return snapshot;
  }

  // Idle peers

  @Override
  public void cleanUp(long nowNanos) {
    entries.keySet().removeIf(peer -> isIdle(peer, nowNanos));
  }

  /** Whether the peer is as good as forgotten at that time. */
  boolean isIdle(P peer, long nowNanos) {
    return idleAt(peer).filter(idleAt -> nowNanos >= idleAt).isPresent();
  }

  /** When the peer, or the marker of its recovery, is idle; empty if never. */
  Optional<Long> idleAt(P peer) {
    Entry entry = entries.get(peer);
    if (entry == null) {
      return Optional.empty();
    }
    BackoffState state = entry.state();
    if (state == null) {
      return Optional.of(Objects.requireNonNull(entry.outcome).recoveryExpires);
    }
    BigInteger idleAt =
        BigInteger.valueOf(state.nextRetryNanos()).add(BigInteger.valueOf(options.idleTimeout));
    boolean never = options.idleTimeout == NEVER || idleAt.bitLength() >= Long.SIZE;
    return never ? Optional.empty() : Optional.of(idleAt.longValueExact());
  }

  /** Whether anything is remembered of the peer, if only that it has recovered. */
  public boolean holds(P peer) {
    return entries.containsKey(peer);
  }

  void reclaim(P peer) {
    entries.remove(peer);
  }

  private @Nullable Entry live(P peer, long nowNanos) {
    return isIdle(peer, nowNanos) ? null : entries.get(peer);
  }

  // Permits

  @Override
  public Optional<PermitOperations> tryAcquire(P peer, long nowNanos) {
    Entry entry = entries.get(peer);
    Outcome outcome = entry == null ? null : entry.outcome;
    if (entry == null || entry.state() == null || isIdle(peer, nowNanos)) {
      return Optional.of(new Permit(peer, outcome, false));
    }
    if (!shouldRetry(peer, nowNanos)) {
      return Optional.empty();
    }
    Permit probe = new Permit(peer, outcome, true);
    Lease lease = new Lease(probe, plus(nowNanos, options.probeLease));
    entries.put(peer, new Entry(outcome, entry.hold, lease));
    return Optional.of(probe);
  }

  /** One granted send. */
  final class Permit implements PermitOperations {
    private final P peer;
    private final @Nullable Outcome expected;
    private final boolean isProbe;
    private boolean reported;
    private boolean released;

    private Permit(P peer, @Nullable Outcome expected, boolean isProbe) {
      this.peer = peer;
      this.expected = expected;
      this.isProbe = isProbe;
    }

    /** The rule: whether no other outcome was recorded since the permit was acquired. */
    @SuppressWarnings("ReferenceEquality") // the very outcome, not one that looks like it
    private boolean isCurrent(@Nullable Entry entry) {
      return entry == null || entry.outcome == null || entry.outcome == expected;
    }

    private boolean isFirst() {
      boolean first = !reported;
      reported = true;
      return first;
    }

    @Override
    public boolean recordSuccess() {
      if (!isFirst() || !isCurrent(entries.get(peer))) {
        return false;
      }
      if (isProbe) { // otherwise the peer was healthy, and its success changes nothing
        forget(peer);
      }
      return true;
    }

    @Override
    public boolean recordFailure(long nowNanos) {
      if (!isFirst() || !isCurrent(live(peer, nowNanos))) {
        return false;
      }
      SequentialBackoffTable.this.recordFailure(peer, nowNanos);
      return true;
    }

    @Override
    public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
      if (!isFirst()) {
        return false;
      }
      if (!isCurrent(live(peer, nowNanos))) {
        postpone(peer, nowNanos, advised(minBackoffNanos));
        return false;
      }
      SequentialBackoffTable.this.recordRemoteAdvisory(peer, nowNanos, minBackoffNanos);
      return true;
    }

    @Override
    public boolean release() {
      if (reported || released) {
        return false;
      }
      released = true;
      Entry entry = entries.get(peer);
      if (!isProbe) { // nothing to give back
        return true;
      }
      if (entry == null || entry.lease == null || entry.lease.probe != this) {
        return false;
      }
      entries.put(peer, new Entry(entry.outcome, entry.hold, null));
      return true;
    }
  }

  // Arithmetic

  private long delay(int attempts) {
    BigInteger max = BigInteger.valueOf(Math.max(1, options.maxDelay));
    BigInteger delay = BigInteger.valueOf(Math.max(1, options.initialDelay));
    for (int i = 1; i < attempts && delay.compareTo(max) < 0; i++) {
      delay = delay.multiply(BigInteger.TWO);
    }
    return delay.min(max).longValueExact();
  }

  private long advised(long minBackoffNanos) {
    return Math.min(Math.max(0, minBackoffNanos), options.maxAdvisory);
  }

  private static long plus(long time, long delay) {
    return saturated(BigInteger.valueOf(time).add(BigInteger.valueOf(delay)));
  }

  private static long saturated(BigInteger nanos) {
    return nanos.min(BigInteger.valueOf(NEVER)).longValueExact();
  }
}
