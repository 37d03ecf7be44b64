package io.github.bytesandbrains.backoff.demo.workload;

import io.github.bytesandbrains.backoff.Zipf;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Picks the next peer: three times of four by a Zipf distribution, in which peer 0 is the hottest,
 * otherwise in turn, as a membership protocol pings everybody. By Zipf alone, nobody would send to
 * the last peers for seconds after the recovery. Thread-safe.
 */
public final class PeerSelector {
  private static final int IN_TURN_EVERY = 4;

  private final List<Peer> peers;
  private final Zipf zipf;
  private final AtomicInteger turn = new AtomicInteger();

  public PeerSelector(List<Peer> peers) {
    this.peers = List.copyOf(peers);
    zipf = new Zipf(peers.size());
  }

  Peer next(SplittableRandom random) {
    return peers.get(
        random.nextInt(IN_TURN_EVERY) == 0
            ? Math.floorMod(turn.getAndIncrement(), peers.size())
            : zipf.draw(random));
  }
}
