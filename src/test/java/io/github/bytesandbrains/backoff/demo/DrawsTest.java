package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawsTest {
  private static final int PEERS = 50;
  private static final int DRAWN = 500_000;

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void zipf_manyDraws_eachAsOftenAsItsWeightSays() {
    Draws draws = new Draws(peers(PEERS));
    int[] counts = new int[PEERS];
    for (int i = 0; i < DRAWN; i++) {
      counts[draws.zipf(random)]++;
    }
    double weights =
        IntStream.rangeClosed(1, PEERS).mapToDouble(rank -> 1.0 / rank).sum();
    for (int number = 0; number < PEERS; number++) {
      double expected = DRAWN / weights / (number + 1);
      // Five standard deviations of a binomial count; the seed is fixed besides.
      assertThat((double) counts[number])
          .as("peer %d", number)
          .isCloseTo(expected, within(5 * Math.sqrt(expected)));
    }
  }

  @Test
  void zipf_onePeer_thatOne() {
    assertThat(new Draws(peers(1)).zipf(random)).isZero();
  }

  @Test
  void next_aFewTurns_missesNobody() {
    Draws draws = new Draws(peers(1000));
    Set<Peer> drawn = new HashSet<>();
    for (int i = 0; i < 5000; i++) { // about 1250 of them in turn
      drawn.add(draws.next(random));
    }
    assertThat(drawn).hasSize(1000);
  }

  private static List<Peer> peers(int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> new Peer(n, Loopback.port(n + 1)))
        .toList();
  }
}
