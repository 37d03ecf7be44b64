package io.github.bytesandbrains.backoff.snapshot;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * What a table knew at one time, in a form that another process understands: for a program that
 * keeps its snapshots in a store or a format of its own. Immutable.
 *
 * @param capturedAt the wall-clock time of the capture
 * @param peers what was known about each tracked peer
 * @param <P> the type of the peers
 */
public record PortableSnapshot<P>(Instant capturedAt, Map<P, PortableState> peers) {
  /** Creates a snapshot with a copy of {@code peers}. */
  public PortableSnapshot {
    requireNonNull(capturedAt, "capturedAt");
    peers = Map.copyOf(peers);
  }

  /**
   * Captures every tracked peer of a table; weakly consistent, as {@link
   * ConcurrentBackoffTable#forEach}. A peer that is being probed is captured as due.
   *
   * @param wallClock the time that other processes share; {@link InstantSource#system()} in
   *     production
   */
  public static <P> PortableSnapshot<P> capture(
      ConcurrentBackoffTable<P> table, InstantSource wallClock) {
    Instant now = wallClock.instant();
    long nowNanos = table.nanoTime();
    Map<P, PortableState> peers = new HashMap<>();
    table.forEach((peer, state) -> peers.put(peer, PortableState.of(table, peer, state, nowNanos)));
    return new PortableSnapshot<>(now, peers);
  }

  /**
   * Restores into a table what is not yet known there; see {@link Snapshots} for how time counts.
   * Atomic for each peer.
   *
   * @param spread peers that are due are spread over this time from now on; zero for none
   * @return how many peers were restored
   * @throws IllegalArgumentException if {@code spread} is negative
   */
  public int restoreInto(
      ConcurrentBackoffTable<P> table, InstantSource wallClock, Duration spread) {
    Restoration<P> restoration = new Restoration<>(table, wallClock, spread);
    restoration.begin(capturedAt);
    peers.forEach(restoration::add);
    return restoration.restore();
  }
}
