package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CensusTest {
  private final Census census = new Census(1_000);

  private void count(int level, int peers) {
    for (int i = 0; i < peers; i++) {
      census.count(level);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "2, 2", "32, 32", "33, 32", "2147483647, 32"})
  void level_ofAttempts_isFrom1To32(int attempts, int level) {
    assertThat(Census.level(attempts)).isEqualTo(level);
  }

  @Test
  void weakestLevel_ofAFlood_isItsOwnLevel() {
    count(1, 700);
    count(20, 100);

    assertThat(census.weakestLevel(0)).isEqualTo(1);
  }

  @Test
  void weakestLevel_fewWeakPeers_includesTheNextLevel() {
    count(1, 124);
    count(5, 876);
    assertThat(census.weakestLevel(0)).as("124 of 1000 are not an eighth").isEqualTo(5);

    count(1, 1); // 125 of 1001
    assertThat(census.weakestLevel(0)).isEqualTo(5);
    count(1, 1); // 126 of 1002
    assertThat(census.weakestLevel(0)).isEqualTo(1);
  }

  @Test
  void weakestLevel_anEighthRecovered_isOnlyThem() {
    count(1, 700);

    assertThat(census.weakestLevel(99)).isEqualTo(1);
    assertThat(census.weakestLevel(100)).isZero();
  }

  @Test
  void weakestLevel_nothingCounted_isNoTrackedPeer() {
    assertThat(census.weakestLevel(0)).isZero();
    count(32, 1);
    assertThat(census.weakestLevel(0)).isEqualTo(32);
  }

  @Test
  void count_beyondTwiceTheMaximum_forgetsByHalves() {
    count(1, 2_000);
    count(9, 1); // halves: 1000 and 0
    assertThat(census.weakestLevel(0)).isEqualTo(1);

    count(9, 6_000);
    assertThat(census.weakestLevel(0)).as("the flood ended long ago").isEqualTo(9);
  }

  @Test
  void weakestLevel_exactlyAnEighth_isEnough() {
    count(1, 1);
    count(5, 7);
    assertThat(census.weakestLevel(0)).isEqualTo(1);
    assertThat(new Census(1_000).weakestLevel(5)).as("all are recovered").isZero();
  }

  @Test
  void count_smallTable_forgetsBeyond256() {
    Census small = new Census(1);
    for (int i = 0; i < 31; i++) {
      small.count(1);
    }
    for (int i = 0; i < 225; i++) {
      small.count(9);
    }
    assertThat(small.weakestLevel(0)).as("31 of 256").isEqualTo(9);
    small.count(1); // 32 of 257, which halves to 16 of 128
    assertThat(small.weakestLevel(0)).isEqualTo(1);
    small.count(9);
    assertThat(small.weakestLevel(0)).as("16 of 129").isEqualTo(9);
  }
}
