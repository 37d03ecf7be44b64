package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import java.time.Duration;
import java.util.List;

/**
 * What both runs have in common.
 *
 * @param length of one run
 * @param outage how each peer behaves in an outage, by its number
 * @param limits what an invariant allows
 */
record Plan(
    int nodes,
    Duration length,
    long seed,
    List<Peer> peers,
    List<PeerBehavior> outage,
    Limits limits) {
  private static final Duration LEAST_DELAY = Duration.ofSeconds(2);

  /**
   * The limits of what depends on the machine.
   *
   * @param overtime how much longer a stage may last until what it waits for has happened
   * @param tableCall how long a table may take to answer or to record: far longer than on a busy
   *     machine, and far shorter than a Redis that hangs
   */
  record Limits(Duration overtime, Duration tableCall) {
    static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(1));
  }

  /** The longest delay of the tables: each node tries a dead peer several times in an outage. */
  Duration longestDelay() {
    Duration half = Stage.OUTAGE.of(length).dividedBy(2);
    return half.compareTo(LEAST_DELAY) < 0 ? LEAST_DELAY : half;
  }

  /** The first delay, which is long enough to be worth sharing. */
  Duration firstDelay() {
    return longestDelay().dividedBy(4);
  }

  /** How long a node may leave a peer alone because of the others: longer than an outage. */
  Duration maxAdopted() {
    return longestDelay().multipliedBy(2);
  }

  List<Peer> dead() {
    return peers.stream()
        .filter(peer -> !outage.get(peer.number()).equals(PeerBehavior.SERVING))
        .toList();
  }
}
