package io.github.bytesandbrains.backoff.snapshot;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;

/** Restores the peers of one snapshot into a table. Used once, by one thread. */
final class Restoration<P> {
  /** Multiples of it, modulo 1, are spread evenly, however many there are (Weyl's sequence). */
  private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

  private final ConcurrentBackoffTable<P> table;
  private final InstantSource wallClock;
  private final long idleTimeoutNanos;
  private final long spreadNanos;
  private double share = ThreadLocalRandom.current().nextDouble();
  private long nowNanos;
  private long awayNanos;
  private int restored;

  Restoration(ConcurrentBackoffTable<P> table, InstantSource wallClock, Duration spread) {
    if (spread.isNegative()) {
      throw new IllegalArgumentException("spread: " + spread + " (expected: >= 0)");
    }
    this.table = table;
    this.wallClock = wallClock;
    idleTimeoutNanos = PortableState.nanos(table.idleTimeout());
    spreadNanos = PortableState.nanos(spread);
  }

  /** A wall clock that was set back since the capture counts as no time away. */
  void begin(Instant capturedAt) {
    nowNanos = table.nanoTime(); // with the wall clock, or the time in between would count twice
    Duration away = Duration.between(capturedAt, wallClock.instant());
    awayNanos = Math.max(0, PortableState.nanos(away));
  }

  void restore(P peer, PortableState portable) {
    share = (share + GOLDEN_RATIO) % 1;
    BackoffState state =
        portable.toState(nowNanos, awayNanos, idleTimeoutNanos, (long) (share * spreadNanos));
    if (state != null && table.replaceState(peer, null, state)) {
      restored++;
    }
  }

  int restored() {
    return restored;
  }
}
