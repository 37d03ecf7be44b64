package io.github.bytesandbrains.backoff.demo.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpisodeTest {
  private static final Peer DEAD = peer(0);
  private static final Peer HEALTHY = peer(1);

  private final Episode episode = new Episode(2, List.of(DEAD));

  @Test
  void sent_failures_onlyThoseOfDeadPeersCount() {
    episode.sent(0, DEAD, SendResult.REFUSED);
    episode.sent(1, DEAD, SendResult.TIMED_OUT);
    episode.sent(1, DEAD, SendResult.spared(Duration.ofSeconds(1)));
    episode.sent(1, HEALTHY, SendResult.TIMED_OUT);
    assertThat(episode.deadSends()).isEqualTo(2);
  }

  @Test
  void lastBack_everyNodeServedAfterTheRecovery_theLast() {
    episode.died();
    episode.sent(0, DEAD, SendResult.SERVED); // a reply that was under way
    episode.recovered();
    episode.sent(1, DEAD, SendResult.SERVED);
    assertThat(episode.lastBack()).isEmpty();
    episode.sent(0, DEAD, SendResult.SERVED);
    assertThat(episode.lastBack()).isPresent();
  }

  @Test
  void lastKnew_deniedOnlyBeforeTheDeathOrAfterTheRecovery_empty() {
    episode.denied(0, DEAD);
    episode.denied(1, DEAD);
    episode.died();
    assertThat(episode.lastKnew()).isEmpty();
    episode.recovered();
    episode.denied(0, DEAD);
    episode.denied(1, DEAD);
    assertThat(episode.lastKnew()).isEmpty();
  }

  @Test
  void compare_moreSendsWithSharing_fault() {
    Episode other = new Episode(2, List.of(DEAD));
    episode.sent(0, DEAD, SendResult.REFUSED);
    episode.sent(1, DEAD, SendResult.REFUSED);
    other.sent(0, DEAD, SendResult.REFUSED);
    assertThat(FleetRehearsal.compare(List.of(other), List.of(episode))).isEmpty();
    assertThat(FleetRehearsal.compare(List.of(episode), List.of(other)))
        .containsExactly("Redis up: 2 sends to dead peers with sharing, 1 without");
  }

  private static Peer peer(int number) {
    return new Peer(number, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000 + number));
  }
}
