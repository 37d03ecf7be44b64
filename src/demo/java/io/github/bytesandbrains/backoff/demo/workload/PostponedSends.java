package io.github.bytesandbrains.backoff.demo.workload;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sends that one worker has postponed, at most one for each peer. */
final class PostponedSends {
  private final Queue<Postponed> queue =
      new PriorityQueue<>(Comparator.comparingLong(Postponed::dueNanos));
  private final Set<Peer> peers = new HashSet<>();

  private record Postponed(Peer peer, long dueNanos) {}

  /** Postpones a send, unless one to this peer is postponed already. */
  void add(Peer peer, long dueNanos) {
    if (peers.add(peer)) {
      queue.add(new Postponed(peer, dueNanos));
    }
  }

  /** Removes the send that was due first; returns its peer, or null if none is due yet. */
  @Nullable
  Peer pollDue(long nowNanos) {
    Postponed first = queue.peek();
    if (first == null || nowNanos < first.dueNanos) {
      return null;
    }
    queue.remove();
    peers.remove(first.peer);
    return first.peer;
  }
}
