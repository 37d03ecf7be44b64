package io.github.bytesandbrains.backoff.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class PostponedSendsTest {
  private static final Peer PEER = new Peer(0, new InetSocketAddress(4000));
  private static final Peer OTHER = new Peer(1, new InetSocketAddress(4001));

  private final PostponedSends sends = new PostponedSends();

  @Test
  void pollDue_twoPostponed_eachOnceWhenItIsDue() {
    sends.add(OTHER, 20);
    sends.add(PEER, 10);
    assertThat(sends.pollDue(9)).isNull();
    assertThat(sends.pollDue(30)).isEqualTo(PEER);
    assertThat(sends.pollDue(19)).isNull();
    assertThat(sends.pollDue(20)).isEqualTo(OTHER);
    assertThat(sends.pollDue(30)).isNull();
  }

  @Test
  void add_samePeerTwice_once() {
    sends.add(PEER, 10);
    sends.add(PEER, 20);
    assertThat(sends.pollDue(10)).isEqualTo(PEER);
    assertThat(sends.pollDue(20)).isNull();
    sends.add(PEER, 30);
    assertThat(sends.pollDue(30)).isEqualTo(PEER);
  }
}
