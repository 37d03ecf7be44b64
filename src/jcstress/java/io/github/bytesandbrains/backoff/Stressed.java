package io.github.bytesandbrains.backoff;

/** Two actors and the table that they stress: a new one each time. */
abstract class Stressed extends Meeting {
  /** When a peer that failed once is idle. */
  static final long IDLE = START + 2 * IDLE_TIMEOUT;

  /** When all peers are idle, whatever was recorded. */
  static final long LATE = IDLE + 1_000 * IDLE_TIMEOUT;

  final ConcurrentBackoffTable<Integer> table;

  Stressed() {
    this(1_000);
  }

  Stressed(long maximumPeers) {
    table = library(maximumPeers).table;
  }

  /** The peer's attempts; 0 if it is not tracked. */
  final int attempts() {
    return table.state(PEER).map(BackoffState::attempts).orElse(0);
  }

  /**
   * The peer's attempts, and what is wrong besides: that it is in the map but not in the index, or that
   * something stays when all is idle.
   */
  final String left() {
    String left = String.valueOf(attempts());
    if (table.index.peers().size() != table.map.size()) {
      left += " not in the index";
    }
    table.cleanUp(LATE);
    return table.map.isEmpty() && table.index.peers().isEmpty() ? left : left + " kept";
  }

  /** The probe of the peer, which failed once and is due. */
  static Attempt probeOf(ConcurrentBackoffTable<Integer> table) {
    table.recordFailure(PEER, START);
    return table.tryAcquire(PEER, DUE).orElseThrow();
  }
}
