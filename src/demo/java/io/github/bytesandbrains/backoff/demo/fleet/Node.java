package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** A machine of the fleet: its table, and what audits the table. Only one thread may watch it. */
final class Node {
  private final int number;
  private final ConcurrentBackoffTable<Peer> table;
  private final HoldAudit holdAudit;
  private final Auditor auditor;
  private final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);

  /** What the node's own failures imposed. */
  private final Map<Peer, BackoffState> own = new ConcurrentHashMap<>();

  private final Map<Peer, BackoffState> watched = new HashMap<>();

  Node(int number, ConcurrentBackoffTable<Peer> table, HoldAudit holdAudit) {
    this.number = number;
    this.table = table;
    this.holdAudit = holdAudit;
    auditor = new Auditor(table, new TimedPolicy(new Policy.TryAcquire(table), longestNanos), true);
    var unused = table.addListener(this::changed);
  }

  int number() {
    return number;
  }

  ConcurrentBackoffTable<Peer> table() {
    return table;
  }

  Auditor auditor() {
    return auditor;
  }

  /** The longest time that a worker waited for the table. */
  long longestNanos() {
    return longestNanos.get();
  }

  private void changed(Peer peer, Change change, BackoffState state) {
    if (change == Change.FAILED) {
      holdAudit.failed(peer, state);
      own.put(peer, state);
    } else {
      own.remove(peer);
    }
  }

  /**
   * A peer that the table tracks.
   *
   * @param adopted whether it is postponed because of other nodes
   */
  record Holding(Peer peer, BackoffState state, boolean probing, boolean adopted) {}

  List<Holding> holdings() {
    long now = table.nanoTime();
    List<Holding> holdings = new ArrayList<>();
    table.forEach((peer, state) -> {
      boolean probing = table.isProbing(peer, now);
      boolean adopted = !probing && state.isCooling(now) && isAdopted(peer, state);
      holdings.add(new Holding(peer, state, probing, adopted));
    });
    return holdings;
  }

  /** Whether the peer is postponed because of other nodes, unless the state is a probe's lease. */
  boolean isAdopted(Peer peer, BackoffState state) {
    BackoffState failed = own.get(peer);
    return state.attempts() == 0
        || (failed != null
            && failed.attempts() == state.attempts()
            && failed.lastAttemptNanos() == state.lastAttemptNanos()
            && state.nextRetryNanos() - failed.nextRetryNanos() > 0);
  }

  /** Looks at each of the peers, and reports those that the table denies. */
  void watch(List<Peer> peers, @Nullable Episode episode) {
    for (Peer peer : peers) {
      long now = table.nanoTime();
      boolean probing = table.isProbing(peer, now);
      BackoffState state = table.state(peer).orElse(null);
      if (state != null && state.isCooling(now)) {
        if (episode != null) {
          episode.denied(number, peer);
        }
        // Equal to the last one: if it is a lease, the probe was out all the time.
        if (state.equals(watched.get(peer)) && !probing && isAdopted(peer, state)) {
          holdAudit.adopted(this, peer, state);
        }
        watched.put(peer, state);
      }
    }
  }

  @Override
  public String toString() {
    return "node " + number;
  }
}
