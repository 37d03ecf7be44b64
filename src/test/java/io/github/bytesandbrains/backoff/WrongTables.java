package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The library's table with one thing wrong, a different one in each, that one thread alone never
 * notices: what should be one step is two. Whoever checks the table must catch them.
 */
final class WrongTables {
  private WrongTables() {}

  /** Reads, and then writes. */
  static final class GetThenPut extends LibraryTable<Integer> {
    GetThenPut(Options options) {
      super(options, 1_000);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      BackoffState next = table.afterFailure(state(peer).orElse(FORGOTTEN), nowNanos);
      table.put(peer, next);
      return table.failed(next);
    }
  }

  /** Raises the horizon when the state is there to be seen already. */
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
      BackoffState next = table.afterFailure(state(peer).orElse(FORGOTTEN), nowNanos);
      horizonNanos = Math.max(before, next.nextRetryNanos());
      return super.recordFailure(peer, nowNanos);
    }

    @Override
    public boolean shouldRetry(Integer peer, long nowNanos) {
      return nowNanos >= horizonNanos || super.shouldRetry(peer, nowNanos);
    }
  }

  /** Looks whether a peer is due, and then admits whoever looked. */
  static final class ProbeForEveryone extends LibraryTable<Integer> {
    ProbeForEveryone(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      boolean due = shouldRetry(peer, nowNanos);
      Optional<Ticket> attempt = super.tryAcquire(peer, nowNanos);
      return due && attempt.isEmpty() ? super.tryAcquire(peer, Long.MAX_VALUE) : attempt;
    }
  }

  /** An attempt that is told as it is, until a part of it is made wrong. */
  private static class Passed implements Ticket {
    final Ticket attempt;

    Passed(Ticket attempt) {
      this.attempt = attempt;
    }

    @Override
    public boolean succeeded() {
      return attempt.succeeded();
    }

    @Override
    public boolean failed(long nowNanos) {
      return attempt.failed(nowNanos);
    }

    @Override
    public boolean advised(long nowNanos, long minBackoffNanos) {
      return attempt.advised(nowNanos, minBackoffNanos);
    }

    @Override
    public boolean abandoned() {
      return attempt.abandoned();
    }
  }

  /** Gives the lease back, and then records the outcome. */
  static final class OutcomeInTwoSteps extends LibraryTable<Integer> {
    OutcomeInTwoSteps(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      boolean tracked = state(peer).isPresent();
      return super.tryAcquire(peer, nowNanos).map(ticket -> new Passed(ticket) {
        private boolean gaveBack() {
          boolean current = tracked || state(peer).isEmpty();
          return attempt.abandoned() && current;
        }

        @Override
        public boolean succeeded() {
          return gaveBack() && recordSuccess(peer) == tracked;
        }

        @Override
        public boolean failed(long nowNanos) {
          return gaveBack() && recordFailure(peer, nowNanos) != null;
        }

        @Override
        public boolean advised(long nowNanos, long minBackoffNanos) {
          return gaveBack() && recordRemoteAdvisory(peer, nowNanos, minBackoffNanos) != null;
        }
      });
    }
  }

  /** Looks whether it is stale, and then forgets the peer. */
  static final class OutcomeCheckedBefore extends LibraryTable<Integer> {
    OutcomeCheckedBefore(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(ticket -> new Passed(ticket) {
        private final Optional<BackoffState> begun = state(peer);

        @Override
        public boolean succeeded() {
          return state(peer).equals(begun) && recordSuccess(peer);
        }
      });
    }
  }

  /** Marks that it was told, and then does what it was told. */
  static final class ToldBeforeItCounts extends LibraryTable<Integer> {
    ToldBeforeItCounts(Options options) {
      super(options, 1_000);
    }

    @Override
    public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
      return super.tryAcquire(peer, nowNanos).map(ticket -> new Passed(ticket) {
        private final AtomicBoolean told = new AtomicBoolean();

        @Override
        public boolean succeeded() {
          return told.compareAndSet(false, true) && attempt.succeeded();
        }

        @Override
        public boolean failed(long nowNanos) {
          return told.compareAndSet(false, true) && attempt.failed(nowNanos);
        }
      });
    }
  }

  /** Looks who is idle, and then evicts them. */
  static final class EvictedAfterALook extends LibraryTable<Integer> {
    private final long idleTimeout;

    EvictedAfterALook(Options options) {
      super(options, 1_000);
      idleTimeout = options.idleTimeout();
    }

    @Override
    public void cleanUp(long nowNanos) {
      snapshot().forEach((peer, state) -> {
        if (nowNanos >= state.nextRetryNanos() + idleTimeout) {
          recordSuccess(peer);
        }
      });
    }
  }
}
