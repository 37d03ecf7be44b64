package io.github.bytesandbrains.backoff.snapshot;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Collects the peers of one snapshot, then restores them into a table: nothing changes there before
 * the snapshot is known to be whole. Used once, by one thread.
 */
final class Restoration<P> {
  /** Multiples of it, modulo 1, are spread evenly, however many there are (Weyl's sequence). */
  private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

  private final ConcurrentBackoffTable<P> table;
  private final long spreadNanos;
  private final InstantSource wallClock;
  private final Queue<Map.Entry<P, BackoffState>> states = new ArrayDeque<>();

  private long readNanos;
  private long awayNanos;

  Restoration(ConcurrentBackoffTable<P> table, InstantSource wallClock, Duration spread) {
    if (spread.isNegative()) {
      throw new IllegalArgumentException("spread: " + spread + " (expected: >= 0)");
    }
    this.table = requireNonNull(table, "table");
    this.wallClock = requireNonNull(wallClock, "wallClock");
    spreadNanos = PortableState.nanos(spread);
  }

  /** A wall clock that was set back since the capture counts as no time away. */
  void begin(Instant capturedAt) {
    readNanos = table.nanoTime(); // with the wall clock, or the time in between would count twice
    Duration away = Duration.between(capturedAt, wallClock.instant());
    awayNanos = Math.max(0, PortableState.nanos(away));
  }

  void add(P peer, PortableState portable) {
    states.add(Map.entry(peer, portable.toState(readNanos, awayNanos)));
  }

  /**
   * Restores what was collected and is not idle by now; returns how many peers that were. Each
   * entry leaves the queue as the table, which keeps a copy, takes it over: memory holds it once.
   */
  int restore() {
    long nowNanos = table.nanoTime(); // reading took a while
    long idleTimeoutNanos = PortableState.nanos(table.idleTimeout());
    double share = ThreadLocalRandom.current().nextDouble();
    int restored = 0;
    Map.Entry<P, BackoffState> entry;
    while ((entry = states.poll()) != null) {
      BackoffState state = entry.getValue();
      share = (share + GOLDEN_RATIO) % 1;
      long overdueNanos = PortableState.minus(nowNanos, state.nextRetryNanos());
      if (overdueNanos >= 0) {
        if (overdueNanos >= idleTimeoutNanos && idleTimeoutNanos != Long.MAX_VALUE) { // never
          continue;
        }
        state = new BackoffState(
            state.attempts(), state.lastAttemptNanos(), PortableState.minus(nowNanos, -(long)
                (share * spreadNanos)));
      }
      if (table.replaceState(entry.getKey(), null, state)) {
        restored++;
      }
    }
    return restored;
  }
}
