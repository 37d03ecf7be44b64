package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;
import static java.util.Objects.requireNonNull;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The state of each peer: the map that is the truth. The table extends it, as a question that has to
 * hop from one to the other takes longer.
 *
 * <h2>Design</h2>
 *
 * A peer enters the map with its first failure. A success leaves it there, {@link
 * BackoffState#FORGOTTEN}, and only the {@link IdleIndex} takes it out. So a peer that fails and
 * succeeds by turns enters map and index once, and who finds a peer in the map knows that the index
 * will come to look at it.
 *
 * <p>The horizon is an upper bound of every nextRetry ever published: from then on no peer is cooling,
 * and nothing has to be looked up. It is raised before the state that needs it is published; after, a
 * thread that has seen the state could still be told "true" by the old horizon. It is rounded up, by at
 * most 8.4 ms, so that a storm of failures seldom writes it.
 */
@SuppressWarnings("ReferenceEquality") // that very state, not one like it
abstract class PeerStates<P> {
  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  private static final AtomicLongFieldUpdater<PeerStates> HORIZON =
      AtomicLongFieldUpdater.newUpdater(PeerStates.class, "horizonNanos");

  private static final long HORIZON_STEP = 1L << 23;

  /**
   * For so many peers the map need not grow: 4,096 bins, of 16 KB. A table serves a whole process, so
   * it can afford that its peers seldom share a bin, and that its map does not grow amid an outage.
   */
  static final int ROOM = 3_000;

  final ConcurrentHashMap<P, BackoffState> map;
  private final LongAdder tracked = new LongAdder();
  final IdleIndex<P> index;

  private volatile long horizonNanos = Long.MIN_VALUE;

  PeerStates(BackoffTableBuilder builder, Counters counters) {
    map = new ConcurrentHashMap<>((int) Math.min(ROOM, builder.maximumPeers));
    index = new IdleIndex<>(this, builder, counters);
  }

  /** The peer's state; null if it is not tracked. */
  final @Nullable BackoffState get(P peer) {
    BackoffState state = map.get(requireNonNull(peer, "peer"));
    return state == FORGOTTEN ? null : state;
  }

  final boolean isCooling(P peer, long nowNanos) {
    requireNonNull(peer, "peer");
    if (nowNanos >= horizonNanos) {
      return false;
    }
    BackoffState state = map.get(peer); // forgotten: is not cooling
    return state != null && state.isCooling(nowNanos);
  }

  /** Replaces the peer's state in one step; {@link BackoffState#FORGOTTEN} stands for none. */
  final BackoffState update(P peer, UnaryOperator<BackoffState> step) {
    return update(peer, new Transition<>(this) {
      @Override
      BackoffState next(BackoffState before) {
        return step.apply(before);
      }
    });
  }

  final BackoffState update(P peer, Transition<P> transition) {
    BackoffState updated = map.computeIfPresent(requireNonNull(peer, "peer"), transition);
    return updated == null ? updateNew(peer, transition) : updated;
  }

  private BackoffState updateNew(P peer, Transition<P> transition) {
    try {
      return map.compute(peer, transition);
    } finally { // also when the map throws as it grows, or the peer would never leave it
      if (transition.isNew) {
        transition.isNew = false;
        index.enter(peer);
      }
    }
  }

  /** Puts a state in, whatever is there. */
  final void put(P peer, BackoffState state) {
    raiseHorizon(state);
    BackoffState before = map.put(requireNonNull(peer, "peer"), state);
    if (before == null || before == FORGOTTEN) {
      tracked.increment();
    }
    if (before == null) {
      index.enter(peer);
    }
  }

  private void raiseHorizon(BackoffState next) {
    if (next.nextRetryNanos() > horizonNanos) {
      HORIZON.accumulateAndGet(this, next.nextRetryNanos() | (HORIZON_STEP - 1), Math::max);
    }
  }

  /** Does what must precede the publication of a state. */
  final BackoffState published(BackoffState before, BackoffState next) {
    raiseHorizon(next);
    if (before == FORGOTTEN) {
      tracked.increment();
    } else if (next == FORGOTTEN) {
      tracked.decrement();
    }
    return next;
  }

  /** Replaces the peer's state unless it is another one by now. */
  final boolean replace(P peer, BackoffState state, BackoffState next) {
    return map.computeIfPresent(peer, (p, s) -> s == state ? published(s, next) : s) == next;
  }

  /** Forgets the peer; says whether it was tracked. */
  final boolean forget(P peer) {
    if (get(peer) == null) { // as most peers are fine, this takes no lock for them
      return false;
    }
    BackoffState before = map.replace(peer, FORGOTTEN);
    if (before == null || before == FORGOTTEN) {
      return false;
    }
    tracked.decrement();
    return true;
  }

  /** Returns when an update of the peer that has begun is done. */
  final void awaitUpdate(P peer) {
    map.computeIfPresent(peer, (p, state) -> state);
  }

  /** Takes the peer out, for the index, if it is forgotten or to be evicted; else returns its state. */
  final @Nullable BackoffState evict(P peer, Predicate<BackoffState> evicted) {
    return map.compute(peer, (p, state) -> { // not by what records: its functions should be few
      if (state == null || state == FORGOTTEN) {
        return null;
      }
      if (!evicted.test(state)) {
        return state;
      }
      tracked.decrement();
      return null;
    });
  }

  final void forEachTracked(BiConsumer<? super P, ? super BackoffState> action) {
    map.forEach((peer, state) -> {
      if (state != FORGOTTEN) {
        action.accept(peer, state);
      }
    });
  }

  final int tracked() {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, tracked.sum()));
  }
}
