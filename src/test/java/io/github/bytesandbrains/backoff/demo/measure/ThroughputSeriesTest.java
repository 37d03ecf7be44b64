package io.github.bytesandbrains.backoff.demo.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThroughputSeriesTest {
  private static final Duration PLANNED = Duration.ofSeconds(3);

  private final ThroughputSeries series = new ThroughputSeries(PLANNED, PLANNED.multipliedBy(2));

  @Test
  void repliesPerSecond_slicesThatHaveEnded_theirReplies() {
    series.count(0);
    series.count(Duration.ofMillis(150).toNanos() - 1);
    series.count(Duration.ofMillis(150).toNanos());
    assertThat(series.perSecond(Duration.ofMillis(149))).isEmpty();
    assertThat(series.perSecond(Duration.ofMillis(299))).containsExactly(13L);
    assertThat(series.perSecond(Duration.ofMillis(300))).containsExactly(13L, 7L);
  }

  @Test
  void served_afterTheLastSlice_ignored() {
    series.count(PLANNED.multipliedBy(2).toNanos());
    assertThat(series.perSecond(PLANNED.multipliedBy(3))).hasSize(40).containsOnly(0L);
  }

  @Test
  void slice_longRun_aFiftiethOfIt() {
    assertThat(ThroughputSeries.slice(Duration.ofSeconds(300))).isEqualTo(Duration.ofSeconds(6));
  }
}
