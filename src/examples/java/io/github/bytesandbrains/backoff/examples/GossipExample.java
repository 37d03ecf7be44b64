package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gossip: a round goes to every member that may be tried, and nobody waits for a reply. What is
 * learned later, and elsewhere, is recorded without a permit.
 */
final class GossipExample {
  final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofSeconds(1), Duration.ofMinutes(5))
          .withJitter(Jitter.equal()))
      .build();
  private final List<String> members;
  private final Consumer<String> datagram;

  GossipExample(List<String> members, Consumer<String> datagram) {
    this.members = members;
    this.datagram = datagram;
  }

  // quoted
  void round() {
    long now = table.nanoTime(); // read once for all members
    for (String member : members) {
      if (table.shouldRetry(member, now)) {
        datagram.accept(member);
      }
    }
  }
  // end

  void acknowledged(String member) {
    table.recordSuccess(member);
  }

  void notAcknowledged(String member) {
    table.recordFailure(member);
  }

  void messageFrom(String member) {
    table.expedite(member); // it is back: try it in the next round
  }
}
