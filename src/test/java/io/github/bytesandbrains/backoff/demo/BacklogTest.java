package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));
  private static final Peer OTHER = new Peer(1, Loopback.port(4001));

  private final Backlog backlog = new Backlog();

  @Test
  void takeDue_nothingPostponed_null() {
    assertThat(backlog.takeDue(Long.MAX_VALUE)).isNull();
  }

  @Test
  void takeDue_twoPostponed_eachOnceAndFromItsTimeOn() {
    backlog.postpone(OTHER, 20);
    backlog.postpone(PEER, 10);
    assertThat(backlog.takeDue(9)).isNull();
    assertThat(backlog.takeDue(30)).isEqualTo(PEER);
    assertThat(backlog.takeDue(19)).isNull();
    assertThat(backlog.takeDue(20)).isEqualTo(OTHER);
    assertThat(backlog.takeDue(30)).isNull();
  }

  @Test
  void postpone_peerTwice_once() {
    backlog.postpone(PEER, 10);
    backlog.postpone(PEER, 20);
    assertThat(backlog.takeDue(10)).isEqualTo(PEER);
    assertThat(backlog.takeDue(20)).isNull();
    backlog.postpone(PEER, 30);
    assertThat(backlog.takeDue(30)).isEqualTo(PEER);
  }
}
