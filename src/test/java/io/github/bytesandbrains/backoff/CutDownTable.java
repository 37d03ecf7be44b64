package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The library's table without its index, counters and builder: right as it is, and with one line
 * changed in each of its subclasses, which a test must catch.
 */
class CutDownTable implements BackoffOperations<Integer> {
  private static final AtomicLongFieldUpdater<CutDownTable> HORIZON =
      AtomicLongFieldUpdater.newUpdater(CutDownTable.class, "horizonNanos");

  final Options options;
  final ConcurrentHashMap<Integer, Cell> cells = new ConcurrentHashMap<>();

  private volatile long horizonNanos = Long.MIN_VALUE;

  /** A state and, if that is a lease, whether its probe is settled. */
  record Cell(BackoffState state, @Nullable AtomicBoolean settled) {}

  CutDownTable(Options options) {
    this.options = options;
  }

  /** Wrong: reads, and then writes. */
  static final class GetThenPut extends CutDownTable {
    GetThenPut(Options options) {
      super(options);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      Cell next = raised(afterFailure(cells.get(peer), nowNanos));
      cells.put(peer, next);
      return next.state;
    }
  }

  /** Wrong: raises the horizon when the state is there to be seen already. */
  static final class HorizonRaisedLate extends CutDownTable {
    HorizonRaisedLate(Options options) {
      super(options);
    }

    @Override
    public BackoffState recordFailure(Integer peer, long nowNanos) {
      return raised(cells.compute(peer, (p, cell) -> afterFailure(cell, nowNanos))).state;
    }
  }

  /** Wrong: reads the horizon, and then writes it. */
  static final class HorizonOverwritten extends CutDownTable {
    HorizonOverwritten(Options options) {
      super(options);
    }

    @Override
    Cell raised(Cell cell) {
      if (cell.state.nextRetryNanos() > HORIZON.get(this)) {
        HORIZON.set(this, cell.state.nextRetryNanos());
      }
      return cell;
    }
  }

  /** Wrong: looks whether a peer is due, and then leases it to whoever looked. */
  static final class ProbeForEveryone extends CutDownTable {
    ProbeForEveryone(Options options) {
      super(options);
    }

    @Override
    boolean leases(Integer peer, Cell before, Cell leased) {
      cells.put(peer, leased);
      return true;
    }
  }

  /** Wrong: takes any state with as many attempts for the one that the attempt began with. */
  static final class AttemptsCompared extends CutDownTable {
    AttemptsCompared(Options options) {
      super(options);
    }

    @Override
    boolean isCurrent(BackoffState state, BackoffState begun) {
      return state.attempts() == begun.attempts();
    }
  }

  /** Wrong: looks whether the peer's state is the attempt's, and then writes. */
  static final class OutcomeCheckedBefore extends CutDownTable {
    OutcomeCheckedBefore(Options options) {
      super(options);
    }

    @Override
    boolean settles(Integer peer, @Nullable BackoffState begun, @Nullable Cell next) {
      Cell cell = cells.get(peer);
      if (cell == null ? begun != null : begun == null || !isCurrent(cell.state, begun)) {
        return false;
      }
      if (next == null) {
        cells.remove(peer);
      } else {
        cells.put(peer, raised(next));
      }
      return true;
    }
  }

  @Override
  public BackoffState recordFailure(Integer peer, long nowNanos) {
    return cells.compute(peer, (p, cell) -> raised(afterFailure(cell, nowNanos))).state;
  }

  @Override
  public BackoffState recordRemoteAdvisory(Integer peer, long nowNanos, long minBackoffNanos) {
    return cells.compute(peer, (p, cell) -> raised(afterAdvisory(cell, nowNanos, minBackoffNanos)))
        .state;
  }

  @Override
  public boolean recordSuccess(Integer peer) {
    return cells.remove(peer) != null;
  }

  @Override
  public boolean shouldRetry(Integer peer, long nowNanos) {
    if (nowNanos >= horizonNanos) {
      return true;
    }
    Cell cell = cells.get(peer);
    return cell == null || nowNanos >= cell.state.nextRetryNanos();
  }

  @Override
  public long remaining(Integer peer, long nowNanos) {
    Cell cell = cells.get(peer);
    return cell == null ? 0 : Math.max(0, cell.state.nextRetryNanos() - nowNanos);
  }

  @Override
  public Optional<BackoffState> state(Integer peer) {
    return Optional.ofNullable(cells.get(peer)).map(Cell::state);
  }

  @Override
  public void restoreState(Integer peer, BackoffState state) {
    cells.put(peer, raised(new Cell(state, null)));
  }

  @Override
  public int size() {
    return cells.size();
  }

  @Override
  public Map<Integer, BackoffState> snapshot() {
    Map<Integer, BackoffState> snapshot = new HashMap<>();
    cells.forEach((peer, cell) -> snapshot.put(peer, cell.state));
    return snapshot;
  }

  @Override
  public Optional<Ticket> tryAcquire(Integer peer, long nowNanos) {
    while (true) {
      Cell before = cells.get(peer);
      if (before == null) {
        return Optional.of(new Attempt(peer, null, null));
      }
      BackoffState state = before.state;
      if (nowNanos < state.nextRetryNanos()) {
        return Optional.empty();
      }
      BackoffState lease = new BackoffState(
          state.attempts(), state.lastAttemptNanos(), nowNanos + options.probeLease());
      Cell leased = new Cell(lease, new AtomicBoolean());
      if (leases(peer, before, raised(leased))) {
        if (before.settled != null) {
          before.settled.set(true); // that probe has lapsed
        }
        return Optional.of(new Attempt(peer, before, leased));
      }
    }
  }

  boolean leases(Integer peer, Cell before, Cell leased) {
    return cells.replace(peer, before, leased);
  }

  boolean settles(Integer peer, @Nullable BackoffState begun, @Nullable Cell next) {
    boolean[] current = new boolean[1];
    cells.compute(peer, (p, cell) -> {
      current[0] = cell == null ? begun == null : begun != null && isCurrent(cell.state, begun);
      return !current[0] ? cell : next == null ? null : raised(next);
    });
    return current[0];
  }

  boolean isCurrent(BackoffState state, BackoffState begun) {
    return state.equals(begun);
  }

  Cell raised(Cell cell) {
    if (cell.state.nextRetryNanos() > horizonNanos) {
      HORIZON.accumulateAndGet(this, cell.state.nextRetryNanos(), Math::max);
    }
    return cell;
  }

  Cell afterFailure(@Nullable Cell cell, long nowNanos) {
    int attempts = cell == null ? 1 : cell.state.attempts() + 1;
    long delay = Math.min(options.initialDelay() << (attempts - 1), options.maxDelay());
    return new Cell(new BackoffState(attempts, nowNanos, nowNanos + delay), null);
  }

  Cell afterAdvisory(@Nullable Cell cell, long nowNanos, long minBackoffNanos) {
    int attempts = cell == null ? 1 : cell.state.attempts() + 1;
    long delay = Math.min(minBackoffNanos, options.maxAdvisory());
    return new Cell(new BackoffState(attempts, nowNanos, nowNanos + delay), null);
  }

  private final class Attempt implements Ticket {
    private final Integer peer;
    private final @Nullable Cell before;
    private final @Nullable BackoffState begun;
    private final AtomicBoolean settled;

    Attempt(Integer peer, @Nullable Cell before, @Nullable Cell leased) {
      this.peer = peer;
      this.before = before;
      this.begun = leased == null ? null : leased.state;
      this.settled =
          leased == null || leased.settled == null ? new AtomicBoolean() : leased.settled;
    }

    @Override
    public boolean succeeded() {
      return first() && settles(peer, begun, null);
    }

    @Override
    public boolean failed(long nowNanos) {
      return first() && settles(peer, begun, afterFailure(begunCell(), nowNanos));
    }

    @Override
    public boolean advised(long nowNanos, long minBackoffNanos) {
      return first() && settles(peer, begun, afterAdvisory(begunCell(), nowNanos, minBackoffNanos));
    }

    @Override
    public boolean abandoned() {
      return first() && (before == null || settles(peer, begun, before));
    }

    private boolean first() {
      return settled.compareAndSet(false, true);
    }

    private @Nullable Cell begunCell() {
      return begun == null ? null : new Cell(begun, null);
    }
  }
}
