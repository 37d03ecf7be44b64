package io.github.bytesandbrains.backoff.demo.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.network.PeerBehavior.Mode;
import org.junit.jupiter.api.Test;

class PeerBehaviorTest {
  @Test
  void inOutage_seed_decides() {
    assertThat(PeerBehavior.inOutage(200, 7))
        .isEqualTo(PeerBehavior.inOutage(200, 7))
        .isNotEqualTo(PeerBehavior.inOutage(200, 8));
  }

  @Test
  void inOutage_twoHundred_sixtyFailInAllWays() {
    assertThat(PeerBehavior.summary(PeerBehavior.inOutage(200, 1)))
        .isEqualTo("140 serving, 15 refused, 15 hung, 15 busy, 15 flapping");
  }

  @Test
  void inOutage_busy_asksForALongDelay() {
    assertThat(PeerBehavior.inOutage(200, 1))
        .filteredOn(PeerBehavior::mode, Mode.BUSY)
        .allSatisfy(busy -> assertThat(busy.millis()).isBetween(600, 999));
  }

  @Test
  void inOutage_onePeer_fails() {
    assertThat(PeerBehavior.inOutage(1, 1)).singleElement().isNotEqualTo(PeerBehavior.SERVING);
  }
}
