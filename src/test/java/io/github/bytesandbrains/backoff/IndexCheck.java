package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;

/** That map and index of a table at which nobody works hold the same peers. */
final class IndexCheck {
  private IndexCheck() {}

  static <P> void assertIndexed(ConcurrentBackoffTable<P> table) {
    List<P> peers = table.index.peers();
    assertThat(new HashSet<>(peers)).as("peers in the index").isEqualTo(table.map.keySet());
    assertThat(peers).as("entries").hasSameSizeAs(table.map.keySet());
  }
}
