package io.github.bytesandbrains.backoff.demo;

import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one worker has postponed: the peers that it was kept from, each until it may be tried. */
final class Backlog {
  private final Queue<Postponed> queue =
      new PriorityQueue<>(Comparator.comparingLong(Postponed::dueNanos));
  private final Set<Peer> peers = new HashSet<>();

  private record Postponed(Peer peer, long dueNanos) {}

  /** Postpones a send, unless one to this peer is postponed already. */
  void postpone(Peer peer, long dueNanos) {
    if (peers.add(peer)) {
      queue.add(new Postponed(peer, dueNanos));
    }
  }

  /** Takes the peer that was due first; null if none is due yet. */
  @Nullable
  Peer takeDue(long nowNanos) {
    Postponed first = queue.peek();
    if (first == null || nowNanos < first.dueNanos) {
      return null;
    }
    queue.remove();
    peers.remove(first.peer);
    return first.peer;
  }
}
