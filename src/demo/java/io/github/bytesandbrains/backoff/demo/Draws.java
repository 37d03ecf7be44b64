package io.github.bytesandbrains.backoff.demo;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whom to send to next. Three draws of four are Zipf draws: peer number k (from 0) with a weight of
 * 1 / (k + 1). The fourth takes the next peer in turn, as a membership protocol that pings
 * everybody does: Zipf alone would leave the last peers unasked for seconds after the recovery.
 */
final class Draws {
  private static final int TURN_EVERY = 4;

  private final List<Peer> peers;
  private final double[] cumulative;
  private final AtomicInteger turns = new AtomicInteger();

  Draws(List<Peer> peers) {
    this.peers = List.copyOf(peers);
    cumulative = new double[peers.size()];
    double sum = 0;
    for (int i = 0; i < cumulative.length; i++) {
      sum += 1.0 / (i + 1);
      cumulative[i] = sum;
    }
  }

  Peer next(SplittableRandom random) {
    return peers.get(random.nextInt(TURN_EVERY) == 0 ? turn() : zipf(random));
  }

  int zipf(SplittableRandom random) {
    double drawn = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, drawn);
    // What was not found says where it would be inserted; nextDouble is below 1, so that it is in.
    return found >= 0 ? Math.min(found + 1, cumulative.length - 1) : -found - 1;
  }

  private int turn() {
    return Math.floorMod(turns.getAndIncrement(), peers.size());
  }
}
