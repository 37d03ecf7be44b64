package io.github.bytesandbrains.backoff;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which peers are idle, and which go when there are too many: a Caffeine cache of the tracked peers
 * beside the map of their states. The one class that touches Caffeine.
 *
 * <h2>Design</h2>
 *
 * The map is the truth; the index only says when to look at it again. An entry expires when its
 * peer was due to be idle as far as known when the entry was written. By then the peer may have
 * failed again, so that a peer that leaves the index is looked at: if it is not idle it stays in
 * the map and returns to the index. This way a recorded failure does not have to touch the index
 * each time.
 *
 * <p>No state may be without an entry, as nothing would ever evict it. The other way round is
 * harmless, and common: a success leaves the entry, which lapses. What holds this:
 *
 * <ul>
 *   <li>A newly tracked peer is put into the index <em>after</em> its state is in the map.
 *   <li>The listener is Caffeine's removal listener, which runs after the entry has left. Its
 *       eviction listener runs before, when a thread that has just recorded still finds the entry
 *       and relies on it.
 *   <li>Lock order: the listener may enter the map, and nothing in the map enters Caffeine.
 *   <li>The listener runs on the thread that evicts (no backlog of tasks grows in a flood), within
 *       Caffeine's eviction lock. A peer that it keeps therefore waits in a queue until that thread
 *       is outside.
 * </ul>
 *
 * Time, for Caffeine, is the latest that the table was told: no clock is read.
 */
final class IdleIndex<P> {
  /** Caffeine's timer wheel advances by ticks of 2^30 ns, 1.07 s; within one nothing expires. */
  private static final int TICK_SHIFT = 30;

  private static final long TICK_NANOS = 1L << TICK_SHIFT;

  private final ConcurrentHashMap<P, BackoffState> states;
  private final long idleTimeoutNanos;
  private final Cache<P, Boolean> entries;
  private final Queue<P> kept = new ConcurrentLinkedQueue<>();

  // Plain fields: a stale time delays an eviction a little and never hastens one.
  private long toldNanos = Long.MIN_VALUE;
  private long aheadNanos;

  IdleIndex(ConcurrentHashMap<P, BackoffState> states, long idleTimeoutNanos, long maximumPeers) {
    this.states = states;
    this.idleTimeoutNanos = idleTimeoutNanos;
    this.entries =
        Caffeine.newBuilder()
            .maximumSize(maximumPeers)
            .expireAfter(new UntilIdle())
            .ticker(() -> Nanos.plus(toldNanos, aheadNanos))
            .executor(Runnable::run)
            .removalListener(this::left)
            .build();
  }

  /**
   * Notes that {@code state} was recorded, and does a bounded share of the eviction that is due.
   */
  void recorded(P peer, BackoffState state, long nowNanos) {
    boolean ticked = (nowNanos ^ toldNanos) >>> TICK_SHIFT != 0;
    toldNanos = nowNanos;
    // 1 is a newly tracked peer; the others tell Caffeine, at little cost, who keeps failing.
    if (isPowerOfTwo(state.attempts())) {
      touch(peer);
    } else if (ticked) {
      entries.cleanUp();
    }
    putBackKept();
  }

  /** Notes that a state was put in, whatever its attempts. */
  void restored(P peer, long nowNanos) {
    toldNanos = nowNanos;
    touch(peer);
    putBackKept();
  }

  /** Evicts every peer that is idle. */
  synchronized void cleanUp(long nowNanos) {
    toldNanos = nowNanos;
    // Caffeine looks at a bucket when its tick has passed, so it is told the next one. What expires
    // too early by this is not idle, and is kept.
    aheadNanos = TICK_NANOS;
    try {
      long before;
      do { // Caffeine expires a thousand entries at a time
        before = entries.estimatedSize();
        entries.cleanUp();
      } while (entries.estimatedSize() < before);
    } finally {
      aheadNanos = 0;
    }
    entries.cleanUp(); // takes the wheel back, so that the next call passes a tick again
    putBackKept();
  }

  /** The entries, those of peers that are no longer tracked included. */
  long size() {
    return entries.estimatedSize();
  }

  boolean contains(P peer) {
    return entries.asMap().containsKey(peer);
  }

  private void touch(P peer) {
    if (entries.getIfPresent(peer) == null) {
      entries.put(peer, Boolean.TRUE);
    }
  }

  private void putBackKept() {
    for (P peer; (peer = kept.poll()) != null; ) {
      entries.put(peer, Boolean.TRUE);
    }
  }

  /** Called when a peer has left the index; it leaves the map too, or returns. */
  private void left(@Nullable P peer, @Nullable Boolean value, RemovalCause cause) {
    if (peer == null) {
      return;
    }
    if (cause == RemovalCause.SIZE) {
      states.remove(peer);
    } else if (cause == RemovalCause.EXPIRED) {
      long now = toldNanos;
      boolean stays =
          states.computeIfPresent(peer, (p, state) -> isIdle(state, now) ? null : state) != null;
      if (stays) {
        kept.add(peer);
      }
    }
  }

  /** When the peer will be idle; never where that is not a time. */
  private long idleAt(BackoffState state) {
    return Nanos.plus(state.nextRetryNanos(), idleTimeoutNanos);
  }

  private boolean isIdle(BackoffState state, long now) {
    long idleAt = idleAt(state);
    return now >= idleAt && idleAt != Long.MAX_VALUE;
  }

  private static boolean isPowerOfTwo(int attempts) {
    return (attempts & (attempts - 1)) == 0;
  }

  /** An entry lives until its peer is idle, as far as its present state says. */
  private final class UntilIdle implements Expiry<P, Boolean> {
    @Override
    public long expireAfterCreate(P peer, Boolean value, long nowNanos) {
      BackoffState state = states.get(peer);
      return state == null ? 0 : Nanos.until(idleAt(state), nowNanos);
    }

    @Override
    public long expireAfterUpdate(P peer, Boolean value, long nowNanos, long currentNanos) {
      return expireAfterCreate(peer, value, nowNanos);
    }

    @Override
    public long expireAfterRead(P peer, Boolean value, long nowNanos, long currentNanos) {
      return currentNanos;
    }
  }
}
