package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ZipfTest {
  @Test
  void draw_aMillionTimes_eachAsOftenAsItsRankSays() {
    int size = 10;
    int draws = 1_000_000;
    double harmonic = 7381.0 / 2520; // 1 + 1/2 + ... + 1/10
    SplittableRandom random = new SplittableRandom(1);
    Zipf zipf = new Zipf(size);
    int[] drawn = new int[size];
    for (int i = 0; i < draws; i++) {
      drawn[zipf.draw(random)]++;
    }

    for (int i = 0; i < size; i++) {
      double p = 1 / harmonic / (i + 1);
      double deviation = Math.sqrt(draws * p * (1 - p));
      assertThat((double) drawn[i])
          .as("rank %d", i + 1)
          .isCloseTo(draws * p, Offset.offset(5 * deviation));
    }
  }
}
