package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The library's table with one fault in each, which a single thread never notices: what should be one
 * step is two. Each check of the table must catch them.
 */
final class MutantTables {
  private MutantTables() {}

  /** Reads, and then writes. */
  static final class GetThenPut extends LibraryTable<Integer> {
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

  /** Raises the horizon when the state is visible already. */
  static final class HorizonRaisedLate extends LibraryTable<Integer> {
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

  /** Reads the horizon, and then writes it. */
  static final class HorizonOverwritten extends LibraryTable<Integer> {
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

  /** Checks whether a peer is due, and then admits the caller. */
  static final class ProbeForEveryone extends LibraryTable<Integer> {
    ProbeForEveryone(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      boolean due = shouldRetry(peer, nowNanos);
      Optional<Ticket> ticket = super.tryAcquire(peer, nowNanos);
      return due && ticket.isEmpty() ? super.tryAcquire(peer, Long.MAX_VALUE - 1) : ticket;
    }
  }

  /** Checks whether a peer is due, and then makes it so in a second step that undoes what came between. */
  static final class ExpeditedByRestoring extends LibraryTable<Integer> {
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

  /** A permit that works, until a part of it is made wrong. */
  private static class Passed implements Ticket {
    final Permit permit;

    Passed(Ticket ticket) {
      permit = ((LibraryTable<?>.LibraryTicket) ticket).permit;
    }

    @Override
    public boolean recordSuccess() {
      return permit.recordSuccess();
    }

    @Override
    public boolean recordFailure(long nowNanos) {
      return permit.recordFailure(nowNanos);
    }

    @Override
    public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
      return permit.recordRemoteAdvisory(nowNanos, minBackoffNanos);
    }

    @Override
    public boolean release() {
      return permit.release();
    }
  }

  /** Checks whether an outcome counts, and then records it. */
  static final class OutcomeCheckedBefore extends LibraryTable<Integer> {
    OutcomeCheckedBefore(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(ticket -> new Passed(ticket) {
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

  /** Marks the permit as reported, and then records the outcome. */
  static final class MarkedBeforeItCounts extends LibraryTable<Integer> {
    MarkedBeforeItCounts(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(ticket -> new Passed(ticket) {
        private final AtomicBoolean reported = new AtomicBoolean();

        @Override
        public boolean recordSuccess() {
          return reported.compareAndSet(false, true) && permit.recordSuccess();
        }

        @Override
        public boolean recordFailure(long nowNanos) {
          return reported.compareAndSet(false, true) && permit.recordFailure(nowNanos);
        }
      });
    }
  }

  /** Checks which peers are idle, and then evicts them. */
  static final class EvictedAfterALook extends LibraryTable<Integer> {
    EvictedAfterALook(Options options) {
      super(options, 1_000);
    }

    @Override
    public void cleanUp(long nowNanos) {
      snapshot().keySet().forEach(peer -> {
        Held held = table.map.get(peer);
        if (held != null && table.transitions.isIdle(held, nowNanos)) {
          recordSuccess(peer); // of a peer that is idle: its marker has expired, too
        }
      });
    }
  }
}
