package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What one outage costs the nodes until all peers are served again. Thread-safe. */
final class Episode {
  private final List<Peer> dead;
  private final AtomicLongArray knew;
  private final AtomicLongArray back;
  private final LongAdder deadSends = new LongAdder();
  private volatile @Nullable Long diedNanos;
  private volatile @Nullable Long recoveredNanos;

  Episode(int nodes, List<Peer> dead) {
    this.dead = dead;
    knew = new AtomicLongArray(nodes * dead.size());
    back = new AtomicLongArray(nodes * dead.size());
  }

  void died() {
    diedNanos = System.nanoTime();
  }

  void recovered() {
    recoveredNanos = System.nanoTime();
  }

  /** Counts a send that has ended. */
  void sent(int node, Peer peer, SendResult result) {
    int index = index(node, peer);
    Long recovered = recoveredNanos;
    if (index < 0 || result.kind() == Kind.SPARED) {
      return;
    }
    if (result.kind() != Kind.SERVED) {
      deadSends.increment();
    } else if (recovered != null) {
      setOnce(back, index, recovered);
    }
  }

  /** A node has denied a send to the peer, or would have. */
  void denied(int node, Peer peer) {
    int index = index(node, peer);
    Long died = diedNanos;
    if (index >= 0 && died != null && recoveredNanos == null) {
      setOnce(knew, index, died);
    }
  }

  private int index(int node, Peer peer) {
    int place = dead.indexOf(peer);
    return place < 0 ? -1 : node * dead.size() + place;
  }

  private static void setOnce(AtomicLongArray times, int index, long sinceNanos) {
    times.compareAndSet(index, 0, Math.max(1, System.nanoTime() - sinceNanos));
  }

  /** The sends to dead peers. */
  long deadSends() {
    return deadSends.sum();
  }

  /** How long after the peers died the last node denied sends to each of them. */
  Optional<Duration> lastKnew() {
    return last(knew);
  }

  /** How long after the recovery the last node was served by each of the peers. */
  Optional<Duration> lastBack() {
    return last(back);
  }

  private static Optional<Duration> last(AtomicLongArray times) {
    long[] all =
        IntStream.range(0, times.length()).mapToLong(times::get).sorted().toArray();
    return all[0] == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(all[all.length - 1]));
  }
}
