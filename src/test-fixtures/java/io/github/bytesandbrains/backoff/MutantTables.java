package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Mutants of the library's table. Each does in two steps what must be one step, which a single
 * thread never notices. The concurrent checks must catch them.
 */
final class MutantTables {
  private MutantTables() {}

  /** Reads the state, then writes its successor. */
  static final class GetThenPut extends ConcurrentTableAdapter<Integer> {
    GetThenPut(Options options) {
      super(options, 1_000);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      Held live = table.transitions.live(table.map.get(peer), nowNanos);
      BackoffState next = table.transitions.afterFailure(live, nowNanos);
      table.restoreState(peer, next);
      return next;
    }
  }

  /** Raises the horizon after the state is visible. */
  static final class HorizonRaisedLate extends ConcurrentTableAdapter<Integer> {
    private volatile long horizonNanos = Long.MIN_VALUE;

    HorizonRaisedLate(Options options) {
      super(options, 1_000);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      BackoffState state = super.recordFailure(peer, nowNanos);
      horizonNanos = Math.max(horizonNanos, state.nextRetryNanos());
      return state;
    }

    @Override
    public boolean shouldRetry(Integer peer, long nowNanos) {
      return nowNanos >= horizonNanos || super.shouldRetry(peer, nowNanos);
    }
  }

  /** Reads the horizon, then writes it. */
  static final class HorizonOverwritten extends ConcurrentTableAdapter<Integer> {
    private volatile long horizonNanos = Long.MIN_VALUE;

    HorizonOverwritten(Options options) {
      super(options, 1_000);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      long before = horizonNanos;
      Held live = table.transitions.live(table.map.get(peer), nowNanos);
      BackoffState next = table.transitions.afterFailure(live, nowNanos);
      horizonNanos = Math.max(before, next.nextRetryNanos());
      return super.recordFailure(peer, nowNanos);
    }

    @Override
    public boolean shouldRetry(Integer peer, long nowNanos) {
      return nowNanos >= horizonNanos || super.shouldRetry(peer, nowNanos);
    }
  }

  /** Checks whether a peer is due, then admits the caller. */
  static final class ProbeForEveryone extends ConcurrentTableAdapter<Integer> {
    ProbeForEveryone(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
      boolean due = shouldRetry(peer, nowNanos);
      Optional<PermitOperations> permit = super.tryAcquire(peer, nowNanos);
      return due && permit.isEmpty() ? super.tryAcquire(peer, Long.MAX_VALUE - 1) : permit;
    }
  }

  /** Reads the state, then makes the peer due, which undoes what was recorded in between. */
  static final class ExpeditedByRestoring extends ConcurrentTableAdapter<Integer> {
    ExpeditedByRestoring(Options options) {
      super(options, 1_000);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very object, not an equal one
    public boolean expedite(Integer peer, long nowNanos) {
      Held before = table.transitions.live(table.map.get(peer), nowNanos);
      if (before == null) {
        return false;
      }
      Held next = table.transitions.expedited(before, nowNanos, nowNanos);
      if (before != next) {
        Held present = table.map.get(peer);
        table.map.replace(peer, requireNonNull(present), next);
      }
      return Held.tracked(before) != null;
    }
  }

  /** Checks whether an outcome counts, then records it. */
  static final class OutcomeCheckedFirst extends ConcurrentTableAdapter<Integer> {
    OutcomeCheckedFirst(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(granted -> new ForwardingPermit(granted) {
        private final Permit permit = ((ConcurrentTableAdapter<?>.AdaptedPermit) granted).permit;

        @Override
        public boolean recordSuccess() {
          if (!permit.isProbe) {
            return permit.recordSuccess();
          }
          boolean current = permit.isCurrent(table.map.get(peer));
          boolean counts = permit.tryReport() && current;
          if (counts) {
            table.recordSuccess(peer);
          }
          return counts;
        }

        @Override
        public boolean recordFailure(long nowNanos) {
          Held live = table.transitions.live(table.map.get(peer), nowNanos);
          boolean current = permit.isCurrent(live);
          boolean counts = permit.tryReport() && current;
          if (counts) {
            table.recordFailure(peer, nowNanos);
          }
          return counts;
        }
      });
    }
  }

  /** Marks the permit as reported, then records the outcome. */
  static final class ReportedBeforeRecorded extends ConcurrentTableAdapter<Integer> {
    ReportedBeforeRecorded(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(granted -> new ForwardingPermit(granted) {
        private final AtomicBoolean reported = new AtomicBoolean();

        @Override
        public boolean recordSuccess() {
          return reported.compareAndSet(false, true) && super.recordSuccess();
        }

        @Override
        public boolean recordFailure(long nowNanos) {
          return reported.compareAndSet(false, true) && super.recordFailure(nowNanos);
        }
      });
    }
  }

  /** Checks which peers are idle, then evicts them. */
  static final class EvictedAfterCheck extends ConcurrentTableAdapter<Integer> {
    EvictedAfterCheck(Options options) {
      super(options, 1_000);
    }

    @Override
    public void cleanUp(long nowNanos) {
      snapshot().keySet().forEach(peer -> {
        Held held = table.map.get(peer);
        if (held != null && table.transitions.isIdle(held, nowNanos)) {
          recordSuccess(peer); // the marker of an idle peer has expired already
        }
      });
    }
  }
}
