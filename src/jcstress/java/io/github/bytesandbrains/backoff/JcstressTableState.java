package io.github.bytesandbrains.backoff;

import java.util.List;
import java.util.Set;

/** Two actors and a new table of the library. */
abstract class JcstressTableState extends JcstressState {
  /** When a peer that failed once is idle. */
  static final long IDLE = START + 2 * IDLE_TIMEOUT;

  /** When every peer is idle and every marker of a recovery has expired, whatever was recorded. */
  static final long LATE = IDLE + 1_000 * IDLE_TIMEOUT;

  final ConcurrentBackoffTable<Integer> table;

  JcstressTableState() {
    this(1_000);
  }

  JcstressTableState(long maximumPeers) {
    table = library(maximumPeers).table;
  }

  /** The peer's attempts; 0 if it is not tracked. */
  final int attempts() {
    return table.state(PEER).map(BackoffState::attempts).orElse(0);
  }

  /**
   * The peer's attempts, followed by what is inconsistent: a peer is not in the index exactly once,
   * or something is kept when every peer is idle.
   */
  final String result() {
    return attempts() + inconsistency();
  }

  private String inconsistency() {
    List<Integer> indexed = table.index.peers();
    Set<Integer> mapped = IndexAssertions.mapped(table);
    if (indexed.size() != mapped.size() || !mapped.equals(Set.copyOf(indexed))) {
      return " not indexed once";
    }
    table.cleanUp(LATE);
    return table.map.mappings() == 0 && table.index.peers().isEmpty() ? "" : " kept";
  }

  /** The probe of the peer, which failed once and is due. */
  static Permit probeOf(ConcurrentBackoffTable<Integer> table) {
    table.recordFailure(PEER, START);
    return table.acquire(PEER, DUE);
  }
}
