package io.github.bytesandbrains.backoff;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The contract, for one thread and as plain as it can be said: what a table must answer. It shares no
 * code with the library but the record {@link BackoffState}.
 *
 * <p>It forgets nobody by itself. Where a table <em>may</em> forget a peer is what {@link #isIdle}
 * says; who compares a table with this one calls {@link #forget} if the table did.
 */
class SequentialBackoffTable<P> implements BackoffOperations<P> {
  private static final BigInteger NEVER = BigInteger.valueOf(Long.MAX_VALUE);

  /** Nanoseconds, each of them. */
  record Options(
      long initialDelay, long maxDelay, long maxAdvisory, long probeLease, long idleTimeout) {}

  /** A peer's state and, while that is the lease of a probe, the probe. */
  private final class Entry {
    private final BackoffState state;
    private final @Nullable Attempt probe;

    private Entry(BackoffState state, @Nullable Attempt probe) {
      this.state = state;
      this.probe = probe;
    }
  }

  private final Options options;
  private final Map<P, Entry> entries = new HashMap<>();

  SequentialBackoffTable(Options options) {
    this.options = options;
  }

  @Override
  public BackoffState recordFailure(P peer, long nowNanos) {
    int attempts = attemptsAfterOneMore(peer);
    return put(peer, new BackoffState(attempts, nowNanos, after(nowNanos, delay(attempts))));
  }

  @Override
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    if (minBackoffNanos < 0) {
      throw new IllegalArgumentException();
    }
    long delay = Math.min(minBackoffNanos, options.maxAdvisory);
    return put(
        peer, new BackoffState(attemptsAfterOneMore(peer), nowNanos, after(nowNanos, delay)));
  }

  @Override
  public boolean recordSuccess(P peer) {
    return entries.remove(peer) != null;
  }

  @Override
  public void restoreState(P peer, BackoffState state) {
    put(peer, state);
  }

  @Override
  public boolean shouldRetry(P peer, long nowNanos) {
    return state(peer).map(state -> nowNanos >= state.nextRetryNanos()).orElse(true);
  }

  @Override
  public long remaining(P peer, long nowNanos) {
    if (shouldRetry(peer, nowNanos)) {
      return 0;
    }
    BigInteger nextRetry = BigInteger.valueOf(state(peer).orElseThrow().nextRetryNanos());
    return saturated(nextRetry.subtract(BigInteger.valueOf(nowNanos)));
  }

  @Override
  public Optional<BackoffState> state(P peer) {
    return Optional.ofNullable(entries.get(peer)).map(entry -> entry.state);
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Map<P, BackoffState> snapshot() {
    Map<P, BackoffState> snapshot = new HashMap<>();
    entries.forEach((peer, entry) -> snapshot.put(peer, entry.state));
    return snapshot;
  }

  @Override
  public Optional<Attempt> tryAcquire(P peer, long nowNanos) {
    Entry entry = entries.get(peer);
    if (entry == null) {
      return Optional.of(new Attempt(peer, null, null));
    }
    if (nowNanos < entry.state.nextRetryNanos()) {
      return Optional.empty();
    }
    if (entry.probe != null) {
      entry.probe.told = true; // it has lapsed, also if its lease comes back
    }
    BackoffState lease = new BackoffState(
        entry.state.attempts(),
        entry.state.lastAttemptNanos(),
        after(nowNanos, options.probeLease));
    Attempt probe = new Attempt(peer, entry, lease);
    entries.put(peer, new Entry(lease, probe));
    return Optional.of(probe);
  }

  @Override
  public void cleanUp(long nowNanos) {
    entries.keySet().removeIf(peer -> isIdle(peer, nowNanos));
  }

  /** Whether the peer may be forgotten at that time. */
  boolean isIdle(P peer, long nowNanos) {
    return idleAt(peer).filter(idleAt -> nowNanos >= idleAt).isPresent();
  }

  /** When the peer may be forgotten; empty if it is not tracked, or that is never. */
  Optional<Long> idleAt(P peer) {
    return state(peer)
        .filter(state -> options.idleTimeout != Long.MAX_VALUE)
        .map(state -> after(state.nextRetryNanos(), options.idleTimeout))
        .filter(idleAt -> idleAt != Long.MAX_VALUE);
  }

  void forget(P peer) {
    entries.remove(peer);
  }

  private BackoffState put(P peer, BackoffState state) {
    entries.put(peer, new Entry(state, null));
    return state;
  }

  private int attemptsAfterOneMore(P peer) {
    int attempts = state(peer).map(BackoffState::attempts).orElse(0);
    return attempts == Integer.MAX_VALUE ? attempts : attempts + 1;
  }

  private long delay(int attempts) {
    BigInteger max = BigInteger.valueOf(Math.max(1, options.maxDelay));
    BigInteger delay = BigInteger.valueOf(Math.max(1, options.initialDelay));
    for (int i = 1; i < attempts && delay.compareTo(max) < 0; i++) {
      delay = delay.multiply(BigInteger.TWO);
    }
    return delay.min(max).longValueExact();
  }

  private static long after(long time, long delay) {
    return saturated(BigInteger.valueOf(time).add(BigInteger.valueOf(delay)));
  }

  private static long saturated(BigInteger nanos) {
    return nanos.min(NEVER).longValueExact();
  }

  /** One admitted send: it began with no entry, or as the probe of a due peer. */
  final class Attempt implements Ticket {
    private final P peer;
    private final @Nullable Entry before;
    private final @Nullable BackoffState lease;
    private boolean told;

    private Attempt(P peer, @Nullable Entry before, @Nullable BackoffState lease) {
      this.peer = peer;
      this.before = before;
      this.lease = lease;
    }

    @Override
    public boolean succeeded() {
      if (!counts()) {
        return false;
      }
      recordSuccess(peer);
      return true;
    }

    @Override
    public boolean failed(long nowNanos) {
      if (!counts()) {
        return false;
      }
      recordFailure(peer, nowNanos);
      return true;
    }

    @Override
    public boolean advised(long nowNanos, long minBackoffNanos) {
      if (minBackoffNanos < 0) {
        throw new IllegalArgumentException();
      }
      if (!counts()) {
        return false;
      }
      recordRemoteAdvisory(peer, nowNanos, minBackoffNanos);
      return true;
    }

    @Override
    public boolean abandoned() {
      if (before == null) { // nothing to give back
        boolean first = !told;
        told = true;
        return first;
      }
      if (!counts()) {
        return false;
      }
      entries.put(peer, before);
      return true;
    }

    /** Whether an outcome told now is the first, and the peer's state still the attempt's own. */
    @SuppressWarnings("ReferenceEquality") // a failure may make one like it
    private boolean counts() {
      boolean first = !told;
      told = true;
      return first && state(peer).orElse(null) == lease;
    }
  }
}
