package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.Held.Recovered;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The map that is the truth: what is held for each peer.
 *
 * <p>The horizon is an upper bound of every next retry ever published. At or after it no peer is
 * cooling, and nothing has to be looked up. It is raised before the entry that needs it is
 * published: otherwise a thread that has seen the entry could still be admitted by the old horizon.
 */
@SuppressWarnings("ReferenceEquality") // the very object, not an equal one
final class PeerMap<P> {
  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  private static final AtomicLongFieldUpdater<PeerMap> HORIZON =
      AtomicLongFieldUpdater.newUpdater(PeerMap.class, "horizonNanos");

  /** 4,096 bins (16 KB): no resizing up to 3,000 peers, and fewer collisions than in 16 bins. */
  private static final int INITIAL_CAPACITY = 3_000;

  /** The horizon is rounded up by at most 8.4 ms, so that a burst of failures seldom writes it. */
  private static final long HORIZON_STEP = 1L << 23;

  private final ConcurrentHashMap<P, Held> map;

  /** Peers that are in the map already and that the index does not know yet. */
  final Queue<P> newcomers = new ConcurrentLinkedQueue<>();

  private final LongAdder recovered = new LongAdder();
  private volatile long horizonNanos = Long.MIN_VALUE;

  PeerMap(long maximumPeers) {
    map = new ConcurrentHashMap<>((int) Math.min(INITIAL_CAPACITY, maximumPeers));
  }

  @Nullable
  Held get(P peer) {
    return map.get(requireNonNull(peer, "peer"));
  }

  boolean isCooling(P peer, long nowNanos) {
    requireNonNull(peer, "peer");
    if (nowNanos >= horizonNanos) {
      return false;
    }
    Held held = map.get(peer);
    return held instanceof BackoffState state // the usual case, without an interface call
        ? state.isCooling(nowNanos)
        : held != null && nowNanos < held.nextRetryNanos();
  }

  /** Replaces what is held for the peer by what {@code change} makes of it; null if absent. */
  @Nullable
  Held updatePresent(P peer, BiFunction<P, @Nullable Held, @Nullable Held> change) {
    return map.computeIfPresent(requireNonNull(peer, "peer"), change);
  }

  /** {@link #updatePresent}, also if the peer is absent, which makes it a newcomer. */
  @Nullable
  Held update(P peer, BiFunction<P, @Nullable Held, @Nullable Held> change) {
    boolean[] inserted = new boolean[1];
    try {
      return map.compute(requireNonNull(peer, "peer"), (p, held) -> {
        Held next = change.apply(p, held);
        inserted[0] = held == null && next != null;
        return next;
      });
    } finally { // also if the map throws as it grows, or the peer would never leave it
      if (inserted[0]) {
        newcomers.add(peer);
      }
    }
  }

  /** Replaces what is held, that very object; says whether it was still there. */
  boolean replace(P peer, Held expected, Held next) {
    return updatePresent(peer, (p, held) -> held == expected ? publish(held, next) : held) == next;
  }

  /** Removes what is held, that very object; says whether it was still there. */
  boolean remove(P peer, Held expected) {
    boolean[] removed = new boolean[1];
    updatePresent(peer, (p, held) -> {
      if (held != expected) {
        return held;
      }
      removed[0] = true;
      recovered.add(-weight(expected));
      return null;
    });
    return removed[0];
  }

  /** Does what must precede the publication of {@code next}; every change of the map calls it. */
  Held publish(@Nullable Held before, Held next) {
    long nextRetryNanos = next.nextRetryNanos();
    if (nextRetryNanos > horizonNanos) {
      HORIZON.accumulateAndGet(this, nextRetryNanos | (HORIZON_STEP - 1), Math::max);
    }
    int difference = weight(next) - weight(before);
    if (difference != 0) {
      recovered.add(difference);
    }
    return next;
  }

  private static int weight(@Nullable Held held) {
    return held instanceof Recovered ? 1 : 0;
  }

  /** Returns when an update of the peer that has begun is complete. */
  void awaitUpdate(P peer) {
    updatePresent(peer, (p, held) -> held);
  }

  void forEach(BiConsumer<? super P, ? super Held> action) {
    map.forEach(action);
  }

  /** The peers in the map, recovered ones included. */
  long mappings() {
    return map.mappingCount();
  }

  long recovered() {
    return Math.max(0, recovered.sum());
  }

  /** The peers that are tracked: those whose last outcome was not a success. */
  long tracked() {
    return Math.max(0, map.mappingCount() - recovered.sum());
  }
}
