package io.github.bytesandbrains.backoff.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerSelectorTest {
  @Test
  void next_aFewTurns_missesNobodyAndPrefersTheFirst() {
    List<Peer> peers = IntStream.range(0, 1000)
        .mapToObj(number -> new Peer(number, new InetSocketAddress(number + 1)))
        .toList();
    PeerSelector selector = new PeerSelector(peers);
    SplittableRandom random = new SplittableRandom(1);
    Set<Peer> selected = new HashSet<>();
    int first = 0;
    for (int i = 0; i < 5000; i++) { // about 1250 of them in turn
      Peer next = selector.next(random);
      selected.add(next);
      first += next.number() == 0 ? 1 : 0;
    }
    assertThat(selected).hasSize(1000);
    assertThat(first).isBetween(400, 600); // 3750 / 7.5 and one or two in turn
  }
}
