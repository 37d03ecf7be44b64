package io.github.bytesandbrains.backoff;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which peers are idle, and which go when there are too many: a Caffeine cache of the tracked peers
 * beside the map of their states.
 *
 * <h2>Design</h2>
 *
 * The map is the truth; the index only says when to look at it. A peer enters the index when it
 * enters the map, and further failures do not touch it, which keeps them cheap. Nor does a success:
 * the peer stays in both, {@link BackoffState#FORGOTTEN} in the map, so that one that fails and
 * succeeds by turns costs no more than one that fails. When a peer leaves the index it is looked at: it
 * leaves the map too, or what it did meanwhile returns it to the index.
 *
 * <ul>
 *   <li><b>Expired:</b> it returns unless it is idle, or forgotten, by its present state.
 *   <li><b>Evicted by size:</b> it returns once for each of its first 32 attempts (the clock algorithm with
 *       a counter, GCLOCK; the entry's value says how many have been spent), and Caffeine is then told of
 *       the attempts that it did not see. Peers made up in a flood have one attempt, and go.
 * </ul>
 *
 * No peer may be in the map without an entry, as nothing would ever evict it. What holds this:
 *
 * <ul>
 *   <li>Only what is looked at here ever leaves the map, in one step with the look.
 *   <li>Who puts a peer into the map puts it into the index, <em>after</em> that.
 *   <li>The listener is Caffeine's removal listener, which runs after the entry has left.
 *   <li>Lock order: the listener may enter the map, and nothing in the map enters Caffeine.
 *   <li>The listener runs on the thread that evicts, so that no backlog grows in a flood, and
 *       within Caffeine's eviction lock. A peer that stays therefore waits in a queue until some
 *       thread is outside.
 *   <li>One thread at a time does the upkeep, and who records leaves it to that thread, which may be a
 *       scrape's: so recording waits for nobody, unless a flood lets the queue grow.
 * </ul>
 *
 * Time, for Caffeine, is the latest that the table was told: no clock is read.
 */
final class IdleIndex<P> {
  /** Caffeine's timer wheel advances by ticks of 2^30 ns, 1.07 s; within one nothing expires. */
  private static final int TICK_SHIFT = 30;

  private static final long TICK_NANOS = 1L << TICK_SHIFT;

  /** What one recording call puts into the index at most, as each may drive out another. */
  private static final int ENTRANTS_A_CALL = 16;

  /** The share of the maximum, 1 in so many, that may wait while one thread does the upkeep of all. */
  private static final int MOST_WAITING = 128;

  /** How often a peer returns that is evicted by size, at most, or the bound would not hold. */
  private static final int MAX_RETURNS = 32;

  /** Caffeine's frequency sketch counts no further. */
  private static final int MAX_FREQUENCY = 15;

  private final PeerStates<P> states;
  private final Counters counters;
  private final long idleTimeoutNanos;

  /** Peer to its spent attempts, at least 1. */
  private final Cache<P, Integer> entries;

  /** Tracked peers that wait to be put into the index; and how many, which the queue would have to count. */
  private final Queue<Entrant<P>> entrants = new ConcurrentLinkedQueue<>();

  private final AtomicInteger waiting = new AtomicInteger();
  private final long mostWaiting;

  /** Fair, so that in a flood those who wait have their turns between the passes of a clean-up. */
  private final ReentrantLock upkeep = new ReentrantLock(true);

  // Plain fields: a stale time delays an eviction a little and never hastens one.
  private long toldNanos = Long.MIN_VALUE;
  private long aheadNanos;

  private record Entrant<P>(P peer, int spent) {}

  IdleIndex(PeerStates<P> states, BackoffTableBuilder builder, Counters counters) {
    this.states = states;
    this.counters = counters;
    this.idleTimeoutNanos = builder.idleTimeoutNanos();
    this.mostWaiting = Math.max(ENTRANTS_A_CALL, builder.maximumPeers / MOST_WAITING);
    this.entries = Caffeine.newBuilder()
        .maximumSize(builder.maximumPeers)
        .expireAfter(new UntilIdle())
        .ticker(() -> Nanos.plus(toldNanos, aheadNanos))
        .executor(Runnable::run)
        .removalListener(this::left)
        .build();
  }

  /** Notes the time, and does a bounded share of the upkeep that is due, unless another thread is at it. */
  void told(long nowNanos) {
    int waiting = this.waiting.get();
    if (waiting > 0 || isTick(nowNanos)) {
      keepUp(nowNanos, waiting);
    }
  }

  private boolean isTick(long nowNanos) {
    return (nowNanos ^ toldNanos) >>> TICK_SHIFT != 0;
  }

  private void keepUp(long nowNanos, int waiting) {
    if (waiting > mostWaiting) { // more than others can be left to do, or the bound would not hold
      upkeep.lock();
    } else if (!upkeep.tryLock()) {
      return;
    }
    try {
      boolean ticked = isTick(nowNanos);
      toldNanos = nowNanos;
      if (ticked) {
        entries.cleanUp();
      }
      enterSome(Math.max(ENTRANTS_A_CALL, waiting - mostWaiting));
    } finally {
      upkeep.unlock();
    }
  }

  /** Notes a peer that is new to the map, or may be idle sooner than it was; before the time is told. */
  void enter(P peer) {
    await(new Entrant<>(peer, 1));
  }

  private void await(Entrant<P> entrant) {
    entrants.add(entrant);
    waiting.getAndIncrement();
  }

  /** Evicts every peer that is idle. */
  void cleanUp(long nowNanos) {
    upkeep.lock();
    try {
      toldNanos = nowNanos;
      enterSome(waiting.get());
    } finally {
      upkeep.unlock();
    }
    while (expireSome(nowNanos)) {
      // others may have their turns in between
    }
  }

  /** Caffeine expires a thousand entries at a time; says whether some did. */
  private boolean expireSome(long nowNanos) {
    upkeep.lock();
    try {
      toldNanos = nowNanos;
      long before = entries.estimatedSize();
      // Caffeine looks at a bucket when its tick has passed, so it is told the next one. What
      // expires too early by this is not idle, and stays.
      aheadNanos = TICK_NANOS;
      try {
        entries.cleanUp();
      } finally {
        aheadNanos = 0;
      }
      if (entries.estimatedSize() < before) {
        return true;
      }
      entries.cleanUp(); // takes the wheel back, so that the next call passes a tick again
      enterSome(waiting.get());
      return false;
    } finally {
      upkeep.unlock();
    }
  }

  /** The entries, those of peers that are no longer tracked included. */
  long size() {
    return entries.estimatedSize();
  }

  boolean contains(P peer) {
    return entries.asMap().containsKey(peer);
  }

  /**
   * Puts waiting peers into the index. A fault of some peer's {@code equals} is not this caller's: that
   * peer waits on.
   */
  private void enterSome(long limit) {
    Entrant<P> entrant;
    for (int i = 0; i < limit && (entrant = entrants.poll()) != null; i++) {
      waiting.getAndDecrement();
      try {
        put(entrant);
      } catch (Throwable t) {
        await(entrant);
        if (t instanceof Error error) {
          throw error;
        }
        return;
      }
    }
  }

  private void put(Entrant<P> entrant) {
    BackoffState state = states.get(entrant.peer());
    int attempts = state == null ? 0 : state.attempts();
    int spent = entrant.spent() > returns(attempts) ? 1 : entrant.spent(); // it began anew
    entries.put(entrant.peer(), spent);
    for (int i = Math.min(attempts - spent, MAX_FREQUENCY); i > 0; i--) {
      var unused = entries.getIfPresent(entrant.peer());
    }
  }

  /** Called when a peer has left the index: it leaves the map too, or enters again. */
  private void left(@Nullable P peer, @Nullable Integer spent, RemovalCause cause) {
    if (peer == null || spent == null || !cause.wasEvicted()) {
      return;
    }
    boolean bySize = cause == RemovalCause.SIZE;
    boolean stays = true; // also when the look at it throws, which Caffeine logs
    try {
      stays = !evict(peer, spent, bySize);
    } finally {
      if (stays) {
        await(new Entrant<>(peer, bySize ? spent + 1 : spent));
      }
    }
  }

  /** Takes the peer out of the map, unless its state says that it stays. */
  private boolean evict(P peer, int spent, boolean bySize) {
    long now = toldNanos;
    return states.evict(peer, state -> {
      boolean idle = isIdle(state, now);
      boolean evicted = idle || (bySize && returns(state.attempts()) == spent);
      if (evicted) {
        (idle ? counters.idleEvictions : counters.sizeEvictions).increment();
      }
      return evicted;
    });
  }

  /** How often a peer returns that is evicted by size: once for each attempt, within bounds. */
  private static int returns(int attempts) {
    return Math.max(1, Math.min(attempts, MAX_RETURNS));
  }

  /** When the peer will be idle; never where that is not a time. */
  private long idleAt(BackoffState state) {
    return idleTimeoutNanos == Long.MAX_VALUE // also counted from before 0, where nothing saturates
        ? Long.MAX_VALUE
        : Nanos.plus(state.nextRetryNanos(), idleTimeoutNanos);
  }

  private boolean isIdle(BackoffState state, long now) {
    long idleAt = idleAt(state);
    return now >= idleAt && idleAt != Long.MAX_VALUE;
  }

  /**
   * An entry lives until its peer is idle as far as its state says now, but for the timeout at
   * most: whatever is recorded later, and be it a shorter delay, is not idle before that.
   */
  private final class UntilIdle implements Expiry<P, Integer> {
    @Override
    public long expireAfterCreate(P peer, Integer spent, long nowNanos) {
      BackoffState state = states.get(peer);
      return state == null ? 0 : Math.min(Nanos.until(idleAt(state), nowNanos), idleTimeoutNanos);
    }

    @Override
    public long expireAfterUpdate(P peer, Integer spent, long nowNanos, long currentNanos) {
      return expireAfterCreate(peer, spent, nowNanos);
    }

    @Override
    public long expireAfterRead(P peer, Integer spent, long nowNanos, long currentNanos) {
      return currentNanos;
    }
  }
}
