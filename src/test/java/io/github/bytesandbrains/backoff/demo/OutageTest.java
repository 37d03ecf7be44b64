package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.Condition.Mode;
import org.junit.jupiter.api.Test;

class OutageTest {
  @Test
  void choose_sameSeed_sameChoice() {
    assertThat(Outage.choose(200, 7)).isEqualTo(Outage.choose(200, 7));
  }

  @Test
  void choose_otherSeed_otherChoice() {
    assertThat(Outage.choose(200, 7)).isNotEqualTo(Outage.choose(200, 8));
  }

  @Test
  void choose_twoHundred_aThirdOrSoFailsInAllWays() {
    assertThat(Outage.choose(200, 1))
        .hasSize(200)
        .extracting(Condition::mode)
        .contains(Mode.values())
        .filteredOn(mode -> mode != Mode.SERVING)
        .hasSize(60);
  }

  @Test
  void choose_busy_advisesLong() {
    assertThat(Outage.choose(200, 1))
        .filteredOn(Condition::mode, Mode.BUSY)
        .allSatisfy(busy -> assertThat(busy.millis()).isBetween(600, 999));
  }

  @Test
  void choose_one_thatOneFails() {
    assertThat(Outage.choose(1, 1)).singleElement().isNotEqualTo(Condition.SERVING);
  }

  @Test
  void summary_someFail_countsEachMode() {
    assertThat(Outage.summary(Outage.choose(200, 1)))
        .isEqualTo("140 serving, 15 refused, 15 hung, 15 busy, 15 flapping");
  }
}
