package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the map and the index of a table hold while no thread works on it. */
final class IndexCheck {
  private IndexCheck() {}

  /** The peers in the map, recovered ones included. */
  static <P> Set<P> mapped(ConcurrentBackoffTable<P> table) {
    Set<P> peers = new HashSet<>();
    table.map.forEach((peer, held) -> peers.add(peer));
    return peers;
  }

  /** Each peer in the map is in the index exactly once, and no other one is. */
  static <P> void assertIndexed(ConcurrentBackoffTable<P> table) {
    List<P> peers = table.index.peers();
    assertThat(new HashSet<>(peers)).as("peers in the index").isEqualTo(mapped(table));
    assertThat(peers).as("entries").hasSameSizeAs(mapped(table));
  }
}
