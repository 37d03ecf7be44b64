package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy.FixedExpiration;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.github.bytesandbrains.backoff.BackoffListener.Change;
import io.github.bytesandbrains.backoff.Counters.Counter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the review of each peer, and decides which peers leave when there are too many. The map
 * is the truth. A Caffeine cache says when a review is due.
 *
 * <p>A peer enters the index when it enters the map, and nothing that happens to it later touches
 * the index. Newcomers queue without a lock. The thread that holds the maintenance lock puts them
 * into cohorts of up to 16, because an entry for each peer would take more memory than everything
 * else. A cohort is one entry of the cache. When it expires, its peers are reviewed, a bounded
 * share in each call: a peer that is idle, or whose recovery marker has expired, leaves the map.
 * Any other enters a new cohort.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Each peer in the map is in the index exactly once: among the newcomers, in a cohort, in a
 *       cohort that waits for review, or in the one under review for room. Only a review removes a
 *       peer from the map.
 *   <li>A newcomer queues after it is in the map; a review that came before would lose it.
 *   <li>Only the thread that holds the maintenance lock touches Caffeine, and never within a
 *       compute of the map. A key's {@code equals} never runs within Caffeine.
 *   <li>A thread that records a known peer never waits for the lock. One that brings a new peer
 *       waits only if the map is well beyond its bound.
 * </ul>
 *
 * Time, for Caffeine, is how far the recorded times have advanced. No clock is read.
 */
final class IdleIndex<P> {
  /** The cache is asked for expired cohorts once in 2^30 ns, which is 1.07 s. */
  private static final int TICK_SHIFT = 30;

  private static final long TICK_NANOS = 1L << TICK_SHIFT;

  /** How many peers one call reviews at most: usually, and when a tick has passed or for room. */
  private static final int REVIEWS_PER_CALL = 16;

  private static final int REVIEWS_PER_TICK = 1024;

  private static final int MAX_COHORT_SIZE = 16;
  private static final int MIN_COHORT_COUNT = 4096;

  /** A newcomer waits for the lock once the map exceeds its bound by this share, 1 / 128. */
  private static final int OVERSHOOT_DIVISOR = 128;

  /** A level below that of every peer: a review for idleness alone. */
  private static final int NO_LEVEL = -1;

  /**
   * One cohort in eight loses only its idle and recovered peers to make room; otherwise a newcomer
   * could never fail a second time.
   */
  private static final int PASS_MASK = 7;

  private final PeerMap<P> map;
  private final Transitions transitions;
  private final Counters counters;
  private final Listeners<P> listeners;
  private final long maximumPeers;
  private final long overshootPeers;
  private final int cohortSize;
  private final long reviewNanos;

  /** Fair, so that a clean-up lets newcomers that wait have their turn between its chunks. */
  private final ReentrantLock maintenanceLock = new ReentrantLock(true);

  // Guarded by maintenanceLock; a racy read of the time at worst skips or repeats maintenance.
  private final Cache<Cohort<P>, Cohort<P>> cohorts;
  private final FixedExpiration<Cohort<P>, Cohort<P>> expiration;
  private final ArrayDeque<Cohort<P>> reviewQueue = new ArrayDeque<>();
  private final List<Evicted<P>> evictions = new ArrayList<>();
  private final Census census;
  private @Nullable Cohort<P> openCohort;
  private @Nullable Cohort<P> evictionCohort; // the oldest, under review while there are too many
  private int cohortsTakenForRoom;

  /** Peers in the index: fewer than the map holds while a thread has yet to queue a newcomer. */
  private long indexed;

  private long elapsedNanos; // may wrap around, as Caffeine allows
  private long latestNanos = Long.MIN_VALUE;
  private long callersNanos; // of the call at hand: by its own time nothing is idle too early

  /** Written with the lock held. */
  private volatile boolean reviewsPending;

  /** Peers that share an entry of the cache. Compared by identity. */
  private static final class Cohort<P> {
    private P[] peers;
    private int size;
    private final long openedNanos;
    private boolean spared;

    @SuppressWarnings("unchecked")
    Cohort(int capacity, long openedNanos) {
      peers = (P[]) new Object[capacity];
      this.openedNanos = openedNanos;
    }

    void add(P peer) {
      peers[size++] = peer;
    }

    P removeLast() {
      return peers[--size];
    }

    boolean isFull() {
      return size == peers.length;
    }

    Cohort<P> trimmed() {
      peers = isFull() ? peers : Arrays.copyOf(peers, size);
      return this;
    }
  }

  /** A tracked peer that has left the map, with its last state. */
  private record Evicted<P>(P peer, BackoffState state) {}

  IdleIndex(
      PeerMap<P> map,
      Transitions transitions,
      Counters counters,
      Listeners<P> listeners,
      long maximumPeers) {
    this.map = map;
    this.transitions = transitions;
    this.counters = counters;
    this.listeners = listeners;
    this.maximumPeers = maximumPeers;
    overshootPeers =
        Nanos.plus(maximumPeers, Math.max(REVIEWS_PER_CALL, maximumPeers / OVERSHOOT_DIVISOR));
    cohortSize = (int) Math.max(1, Math.min(MAX_COHORT_SIZE, maximumPeers / MIN_COHORT_COUNT));
    census = new Census(maximumPeers);
    // An eighth longer, so that most peers that are left alone are idle at their first review.
    reviewNanos = Nanos.plus(transitions.reviewNanos(), transitions.reviewNanos() / 8);
    cohorts = Caffeine.newBuilder()
        .expireAfterWrite(Duration.ofNanos(reviewNanos))
        .ticker(() -> elapsedNanos)
        .executor(Runnable::run)
        .evictionListener(this::onExpiry)
        .build();
    expiration = cohorts.policy().expireAfterWrite().orElseThrow();
  }

  /**
   * Does a bounded share of the maintenance that is due, unless another thread is at it.
   *
   * @param inserted whether a new peer entered the map, for which there may have to be room
   */
  void afterWrite(long nowNanos, boolean inserted) {
    if (!(inserted || reviewsPending || isTick(nowNanos))
        || maintenanceLock.isHeldByCurrentThread()) { // a key's equals records
      return;
    }
    boolean crowded = inserted && map.mappings() > overshootPeers;
    if (crowded) {
      maintenanceLock.lock();
    } else if (!maintenanceLock.tryLock()) {
      return;
    }
    try {
      boolean ticked = advance(nowNanos);
      // All of them if crowded, because only what the index knows of counts as too many. The queue
      // does not refill then: whoever brings another peer waits.
      admitNewcomers(crowded ? Integer.MAX_VALUE : REVIEWS_PER_TICK);
      if (ticked) {
        expire();
      }
      review(ticked ? REVIEWS_PER_TICK : REVIEWS_PER_CALL);
      if (inserted) {
        makeRoom();
      }
    } finally {
      unlock();
    }
  }

  /** Evicts every peer that is idle. Other threads may hold the lock in between. */
  void cleanUp(long nowNanos) {
    if (maintenanceLock.isHeldByCurrentThread()) {
      return;
    }
    long reviews = 0;
    maintenanceLock.lock();
    try {
      advance(nowNanos);
      admitNewcomers(Integer.MAX_VALUE);
      scheduleOpenCohort();
      requeueEvictionCohort();
      reviewQueue.addAll(expiration.oldest(Integer.MAX_VALUE).keySet());
      cohorts.invalidateAll();
      for (Cohort<P> cohort : reviewQueue) {
        reviews += cohort.size;
      }
    } finally {
      unlock();
    }
    for (; reviews > 0; reviews -= REVIEWS_PER_TICK) {
      maintenanceLock.lock();
      try {
        advance(nowNanos);
        review((int) Math.min(reviews, REVIEWS_PER_TICK));
      } finally {
        unlock();
      }
    }
  }

  private void unlock() {
    reviewsPending = !reviewQueue.isEmpty();
    List<Evicted<P>> evicted = evictions.isEmpty() ? List.of() : List.copyOf(evictions);
    evictions.clear();
    maintenanceLock.unlock();
    evicted.forEach(e -> listeners.changed(e.peer(), Change.EVICTED, e.state()));
  }

  private boolean isTick(long nowNanos) {
    return (nowNanos ^ latestNanos) >>> TICK_SHIFT != 0;
  }

  /**
   * Notes the time; returns whether a tick has passed. Threads may report their times in another
   * order than they read them, so a small step back is ignored. A large one is a clock that was set
   * back.
   */
  private boolean advance(long nowNanos) {
    boolean ticked = isTick(nowNanos);
    callersNanos = nowNanos;
    if (nowNanos > latestNanos) {
      elapsedNanos += Nanos.until(nowNanos, latestNanos);
      latestNanos = nowNanos;
    } else if (Nanos.until(latestNanos, nowNanos) > TICK_NANOS) {
      latestNanos = nowNanos;
    }
    return ticked;
  }

  /** Bounded, because in a flood the queue refills while one thread empties it. */
  private void admitNewcomers(int limit) {
    P newcomer;
    for (int i = 0; i < limit && (newcomer = map.newcomers.poll()) != null; i++) {
      census.count(Census.level(1));
      indexed++;
      admit(newcomer);
    }
  }

  private void admit(P peer) {
    Cohort<P> cohort = openCohort;
    if (cohort == null) {
      openCohort = cohort = new Cohort<>(cohortSize, elapsedNanos);
    }
    cohort.add(peer);
    if (cohort.isFull()) {
      scheduleOpenCohort();
    }
  }

  /** Schedules the review of the open cohort. */
  private void scheduleOpenCohort() {
    Cohort<P> cohort = openCohort;
    if (cohort != null) {
      openCohort = null;
      cohorts.put(cohort, cohort.trimmed());
    }
  }

  /** The rest of a cohort from which there is room enough is reviewed as any other. */
  private void requeueEvictionCohort() {
    if (evictionCohort != null) {
      reviewQueue.add(evictionCohort);
      evictionCohort = null;
    }
  }

  private void expire() {
    requeueEvictionCohort();
    Cohort<P> cohort = openCohort;
    long ageNanos = cohort == null ? 0 : elapsedNanos - cohort.openedNanos;
    if (cohort != null && ageNanos >= reviewNanos) {
      reviewQueue.add(cohort);
      openCohort = null;
    } else if (ageNanos >= reviewNanos / 8) {
      scheduleOpenCohort();
    }
    cohorts.cleanUp();
  }

  private void onExpiry(@Nullable Cohort<P> cohort, @Nullable Cohort<P> same, RemovalCause cause) {
    reviewQueue.add(requireNonNull(cohort));
  }

  private void review(int reviews) {
    for (int i = 0; i < reviews && !reviewQueue.isEmpty(); i++) {
      reviewNext();
    }
  }

  /** Reviews the oldest peers until the bound holds: the weakest leave. */
  private void makeRoom() {
    for (int i = 0; i < REVIEWS_PER_TICK && indexed > maximumPeers; i++) {
      if (evictionCohort == null) {
        evictionCohort = takeOldest();
      }
      Cohort<P> cohort = evictionCohort;
      if (cohort == null) {
        return;
      }
      if (cohort.size == 1) {
        evictionCohort = null;
      }
      reviewLast(cohort, cohort.spared ? 0 : census.weakestLevel(map.recovered()));
    }
  }

  /** Takes a cohort out of the index; null if there is none. */
  private @Nullable Cohort<P> takeOldest() {
    Cohort<P> oldest = reviewQueue.poll();
    if (oldest == null) {
      for (Cohort<P> cohort : expiration.oldest(1).keySet()) {
        oldest = cohort;
      }
      if (oldest == null) {
        oldest = openCohort;
        openCohort = null;
      } else {
        cohorts.invalidate(oldest);
      }
    }
    if (oldest != null) {
      oldest.spared = (++cohortsTakenForRoom & PASS_MASK) == 0;
    }
    return oldest;
  }

  private void reviewNext() {
    Cohort<P> cohort = reviewQueue.element();
    if (cohort.size == 1) {
      reviewQueue.remove();
    }
    reviewLast(cohort, NO_LEVEL);
  }

  /**
   * Takes a peer out of the map, or lets it enter a new cohort. Whatever the key's {@code equals}
   * throws, no peer is lost.
   */
  private void reviewLast(Cohort<P> cohort, int weakestLevel) {
    P peer = cohort.removeLast();
    boolean stays = true;
    try {
      stays = !evict(peer, weakestLevel);
    } catch (RuntimeException e) {
      // the key's fault, not this caller's; the next review is scheduled as usual
    } finally {
      if (stays) {
        admit(peer);
      } else {
        indexed--;
      }
    }
  }

  /** Removes the peer if it is idle, or not above a level; says whether it is gone. */
  private boolean evict(P peer, int weakestLevel) {
    Held held = map.get(peer);
    if (held == null) {
      return true;
    }
    boolean idle = transitions.isIdle(held, callersNanos);
    BackoffState state = Held.visible(held);
    int level = state == null ? 0 : Census.level(state.attempts());
    if (!idle && level > weakestLevel) {
      if (weakestLevel != NO_LEVEL) {
        census.count(level);
      }
      return false;
    }
    if (!map.remove(peer, held)) {
      return false;
    }
    if (state != null) {
      counters.increment(idle ? Counter.IDLE_EVICTIONS : Counter.SIZE_EVICTIONS);
      if (!listeners.isEmpty()) {
        evictions.add(new Evicted<>(peer, state));
      }
    }
    return true;
  }

  /** The peers in the index, recovered ones included. */
  List<P> peers() {
    maintenanceLock.lock();
    try {
      cohorts.cleanUp(); // an expired cohort is hidden until it has left the cache
      List<P> peers = new ArrayList<>(map.newcomers);
      List<Cohort<P>> all = new ArrayList<>(cohorts.asMap().keySet());
      all.addAll(reviewQueue);
      if (openCohort != null) {
        all.add(openCohort);
      }
      if (evictionCohort != null) {
        all.add(evictionCohort);
      }
      all.forEach(cohort -> peers.addAll(Arrays.asList(cohort.peers).subList(0, cohort.size)));
      return peers;
    } finally {
      unlock();
    }
  }
}
