package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;
import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * <p>An entry is a {@link Batch} of peers that enter together, as one for each peer would take more
 * memory than all the rest. It expires when the first of them may be idle.
 *
 * <ul>
 *   <li><b>Expired:</b> a peer returns unless it is idle, or forgotten, by its present state.
 *   <li><b>Evicted by size:</b> it returns once for each of its first 32 attempts (the clock algorithm with
 *       a counter, GCLOCK; the batch says how many it has spent), and Caffeine is told to have seen it the
 *       more often, the more attempts it has left. So those with as many share a batch. Peers made up in a
 *       flood have one attempt, and go.
 * </ul>
 *
 * Each peer in the map is in the index once: in a batch, or waiting for a look. What holds this:
 *
 * <ul>
 *   <li>Only a look ever takes a peer out of the map, in one step with what it decides.
 *   <li>Who puts a peer into the map has it looked at, <em>after</em> that.
 *   <li>Only who holds {@link #upkeep} looks, and touches Caffeine; what that evicts only waits, so that
 *       no peer's {@code equals} runs within Caffeine, and each call does a bounded share.
 *   <li>Lock order: a look enters the map, and nothing in the map enters the index.
 *   <li>One thread at a time does the upkeep, and who records leaves it to that thread, which may be a
 *       scrape's: so recording waits for nobody, unless a flood takes the map beyond its bound.
 * </ul>
 *
 * Time, for Caffeine, is the latest that the table was told: no clock is read.
 */
final class IdleIndex<P> {
  /** Caffeine's timer wheel advances by ticks of 2^30 ns, 1.07 s; within one nothing expires. */
  private static final int TICK_SHIFT = 30;

  private static final long TICK_NANOS = 1L << TICK_SHIFT;

  /** How many peers are looked at in a call that records; when a tick has passed, or in a flood. */
  private static final int LOOKS_A_CALL = 16;

  private static final int LOOKS_A_TICK = 1024;

  /** How many peers share an entry at most, of at least so many entries if there are that many peers. */
  private static final int LARGEST_BATCH = 16;

  private static final int FEWEST_BATCHES = 4096;

  /** The share of the maximum, 1 in so many, by which the map may exceed it before recording waits. */
  private static final int EXCESS = 128;

  /** How often a peer returns that is evicted by size, at most, or the bound would not hold. */
  private static final int MAX_RETURNS = 32;

  /** Caffeine's frequency sketch counts no further. */
  private static final int MAX_FREQUENCY = 15;

  private final PeerStates<P> states;
  private final Counters counters;
  private final long idleTimeoutNanos;
  private final long mostPeers;
  private final int batchSize;

  /** Peers in the index by one entry; there are no two for one peer. */
  private static final class Batch<P> {
    private P[] peers;
    private byte[] spent; // entries that each has had, with this one
    private final int frequency;
    private int size;
    private long idleAtNanos = Long.MAX_VALUE;
    private @Nullable RemovalCause cause; // null as long as it has not left the cache

    @SuppressWarnings("unchecked")
    Batch(int capacity, int frequency) {
      peers = (P[]) new Object[capacity];
      spent = new byte[capacity];
      this.frequency = frequency;
    }

    void add(P peer, int itsSpent, long itsIdleAtNanos) {
      peers[size] = peer;
      spent[size++] = (byte) itsSpent;
      idleAtNanos = Math.min(idleAtNanos, itsIdleAtNanos);
    }

    /** How many entries the peer has had; none, if it has succeeded since, and failed anew. */
    int spent(int i, BackoffState state) {
      boolean anew = spent[i] > 1 && state.attempts() < 1 + (spent[i] + frequency) / 2;
      return anew ? 0 : spent[i];
    }

    void trim() {
      if (size < peers.length) {
        peers = Arrays.copyOf(peers, size);
        spent = Arrays.copyOf(spent, size);
      }
    }
  }

  private final Cache<Batch<P>, Batch<P>> entries;

  /** Peers to be looked at, new ones and such as have left the cache; and how many. */
  private final Queue<Batch<P>> due = new ConcurrentLinkedQueue<>();

  private final AtomicInteger waiting = new AtomicInteger();

  /** Batches that are not full, by how often Caffeine is to be told that it has seen them. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final @Nullable Batch<P>[] filling = new Batch[MAX_FREQUENCY + 1];

  /** Fair, so that in a flood those who wait have their turns between the passes of a clean-up. */
  private final ReentrantLock upkeep = new ReentrantLock(true);

  // Plain fields: a stale time delays an eviction a little and never hastens one.
  private long toldNanos = Long.MIN_VALUE;
  private long aheadNanos;

  IdleIndex(PeerStates<P> states, BackoffTableBuilder builder, Counters counters) {
    this.states = states;
    this.counters = counters;
    this.idleTimeoutNanos = builder.idleTimeoutNanos();
    long maximum = builder.maximumPeers;
    this.mostPeers = Nanos.plus(maximum, Math.max(LOOKS_A_CALL, maximum / EXCESS));
    this.batchSize = (int) Math.max(1, Math.min(LARGEST_BATCH, maximum / FEWEST_BATCHES));
    this.entries = Caffeine.newBuilder()
        .maximumWeight(maximum)
        .weigher((Batch<P> batch, Batch<P> same) -> batch.size)
        .expireAfter(Expiry.creating((Batch<P> batch, Batch<P> same) ->
            Duration.ofNanos(Nanos.until(batch.idleAtNanos, toldNanos))))
        .ticker(() -> Nanos.plus(toldNanos, aheadNanos))
        .executor(Runnable::run)
        .evictionListener(this::left)
        .build();
  }

  /** Notes the time, and does a bounded share of the upkeep that is due, unless another thread is at it. */
  void told(long nowNanos) {
    if (waiting.get() > 0 || isTick(nowNanos)) {
      keepUp(nowNanos);
    }
  }

  private boolean isTick(long nowNanos) {
    return (nowNanos ^ toldNanos) >>> TICK_SHIFT != 0;
  }

  private void keepUp(long nowNanos) {
    boolean crowded = states.map.mappingCount() > mostPeers;
    if (crowded) {
      upkeep.lock();
    } else if (!upkeep.tryLock()) {
      return;
    }
    try {
      boolean ticked = isTick(nowNanos);
      toldNanos = nowNanos;
      if (ticked) {
        putAll();
        entries.cleanUp();
      }
      lookAtSome(ticked || crowded ? LOOKS_A_TICK : LOOKS_A_CALL);
    } finally {
      upkeep.unlock();
    }
  }

  /** Notes a peer that is new to the map; before the time is told. */
  void enter(P peer) {
    Batch<P> batch = new Batch<>(1, 0);
    batch.add(peer, 1, Long.MAX_VALUE);
    await(batch);
  }

  private void await(Batch<P> batch) {
    int size = batch.size; // read before another thread looks at them
    due.add(batch);
    waiting.getAndAdd(size);
  }

  /** Evicts every peer that is idle. */
  void cleanUp(long nowNanos) {
    lookAtAll(nowNanos); // who is new enters
    upkeep.lock();
    try {
      toldNanos = nowNanos;
      putAll();
      expireAll();
    } finally {
      upkeep.unlock();
    }
    lookAtAll(nowNanos);
  }

  /** Looks at all who wait now, and lets others have their turns in between. */
  private void lookAtAll(long nowNanos) {
    for (int looks = waiting.get(); looks > 0; looks -= LOOKS_A_TICK) {
      upkeep.lock();
      try {
        toldNanos = nowNanos;
        lookAtSome(LOOKS_A_TICK);
      } finally {
        upkeep.unlock();
      }
    }
  }

  private void expireAll() {
    // Caffeine looks at a bucket when its tick has passed, so it is told the next one. Who expires
    // too early by this is not idle, and stays.
    aheadNanos = TICK_NANOS;
    try {
      long before;
      do { // a thousand at a time
        before = entries.estimatedSize();
        entries.cleanUp();
      } while (entries.estimatedSize() < before);
    } finally {
      aheadNanos = 0;
    }
    entries.cleanUp(); // takes the wheel back, so that the next call passes a tick again
  }

  /** The peers in the index, those that are no longer tracked included. */
  List<P> peers() {
    upkeep.lock();
    long told = toldNanos;
    try {
      toldNanos -= 1L << 61; // long ago, as Caffeine hides what has expired
      List<Batch<P>> batches = new ArrayList<>(entries.asMap().keySet());
      batches.addAll(due);
      for (Batch<P> batch : filling) {
        if (batch != null) {
          batches.add(batch);
        }
      }
      List<P> peers = new ArrayList<>();
      batches.forEach(batch -> peers.addAll(Arrays.asList(batch.peers).subList(0, batch.size)));
      return peers;
    } finally {
      toldNanos = told;
      upkeep.unlock();
    }
  }

  /** Called within Caffeine's locks as a batch leaves it: its peers wait for a look. */
  private void left(@Nullable Batch<P> batch, @Nullable Batch<P> same, RemovalCause cause) {
    requireNonNull(batch).cause = cause;
    await(batch);
  }

  private void lookAtSome(int looks) {
    Batch<P> batch;
    for (int i = 0; i < looks && (batch = due.peek()) != null; i++) {
      int last = --batch.size;
      waiting.getAndDecrement();
      if (last == 0) {
        due.remove();
      }
      look(batch, last);
    }
  }

  /** Takes the peer out of the map, or lets it (re-)enter the index. */
  private void look(Batch<P> batch, int i) {
    P peer = batch.peers[i];
    boolean isNew = batch.cause == null;
    boolean bySize = batch.cause == RemovalCause.SIZE;
    long now = toldNanos;
    BackoffState state = FORGOTTEN; // if the look throws: the next is at the next tick
    try {
      state = states.evict(peer, s -> {
        boolean idle = isIdle(s, now);
        boolean evicted =
            !isNew && (idle || (bySize && batch.spent(i, s) == returns(s.attempts())));
        if (evicted) {
          (idle ? counters.idleEvictions : counters.sizeEvictions).increment();
        }
        return evicted;
      });
    } catch (RuntimeException e) {
      // a fault of the peer's equals, which is not this caller's
    } finally {
      if (state != null) {
        int spent = batch.spent(i, state);
        enter(peer, Math.max(1, bySize ? spent + 1 : spent), state);
      }
    }
  }

  private void enter(P peer, int spent, BackoffState state) {
    int frequency = frequency(state.attempts(), spent);
    Batch<P> batch = filling[frequency];
    if (batch == null) {
      filling[frequency] = batch = new Batch<>(batchSize, frequency);
    }
    // For the timeout at most: whatever is recorded later, be it a shorter delay, is not idle
    // sooner.
    batch.add(peer, spent, idleAt(Math.min(state.nextRetryNanos(), toldNanos)));
    if (batch.size == batchSize) {
      put(frequency);
    }
  }

  private void put(int frequency) {
    Batch<P> batch = filling[frequency];
    if (batch != null) {
      filling[frequency] = null;
      batch.trim();
      entries.put(batch, batch);
      for (int i = 0; i < frequency; i++) {
        var unused = entries.getIfPresent(batch);
      }
    }
  }

  private void putAll() {
    for (int frequency = 0; frequency <= MAX_FREQUENCY; frequency++) {
      put(frequency);
    }
  }

  /** How often Caffeine is told to have seen the peer: each attempt after the first twice, less what it spent. */
  private static int frequency(int attempts, int spent) {
    return Math.max(0, Math.min(2 * (returns(attempts) - 1) - spent, MAX_FREQUENCY));
  }

  /** How often a peer returns that is evicted by size: once for each attempt, within bounds. */
  private static int returns(int attempts) {
    return Math.max(1, Math.min(attempts, MAX_RETURNS));
  }

  /** When a peer is idle whose next retry is at that time; never where that is not a time. */
  private long idleAt(long nextRetryNanos) {
    return idleTimeoutNanos == Long.MAX_VALUE // also counted from before 0, where nothing saturates
        ? Long.MAX_VALUE
        : Nanos.plus(nextRetryNanos, idleTimeoutNanos);
  }

  private boolean isIdle(BackoffState state, long now) {
    long idleAt = idleAt(state.nextRetryNanos());
    return now >= idleAt && idleAt != Long.MAX_VALUE;
  }
}
