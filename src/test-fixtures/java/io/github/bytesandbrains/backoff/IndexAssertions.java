package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Assertions on the map and the index of a table that no thread is using. */
final class IndexAssertions {
  private IndexAssertions() {}

  /** The peers in the map, recovered ones included. */
  static <P> Set<P> mapped(ConcurrentBackoffTable<P> table) {
    Set<P> peers = new HashSet<>();
    table.map.forEach((peer, held) -> peers.add(peer));
    return peers;
  }

  /** Asserts that the index holds each peer of the map exactly once, and no other peer. */
  static <P> void assertIndexed(ConcurrentBackoffTable<P> table) {
    List<P> peers = table.index.peers();
    assertThat(new HashSet<>(peers)).as("peers in the index").isEqualTo(mapped(table));
    assertThat(peers).as("entries").hasSameSizeAs(mapped(table));
  }
}
