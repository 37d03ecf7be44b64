package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PlotTest {
  private static final long MILLI = 1_000_000;

  private final Plot plot = new Plot(2);

  @Test
  void x_ends_thoseOfTheirColumns() {
    assertThat(plot.x(0.5)).isEqualTo(Plot.LEFT);
    assertThat(plot.x(2.5)).isEqualTo(Plot.RIGHT);
  }

  @Test
  void y_delays_logarithmicUpwards() {
    double decade = (Plot.BOTTOM - Plot.TOP) / 5.0;
    assertThat(plot.y(MILLI)).isEqualTo(Plot.BOTTOM);
    assertThat(plot.y(10 * MILLI)).isCloseTo(Plot.BOTTOM - decade, within(1e-9));
    assertThat(plot.y(100_000.0 * MILLI)).isCloseTo(Plot.TOP, within(1e-9));
  }

  @Test
  void y_tooShort_atTheBottom() {
    assertThat(plot.y(0)).isEqualTo(Plot.BOTTOM);
    assertThat(plot.y(MILLI - 1)).isEqualTo(Plot.BOTTOM);
  }

  @Test
  void area_twoStairs_thereAndBack() {
    long[] high = {10 * MILLI, 100 * MILLI};
    long[] low = {MILLI, MILLI};
    assertThat(plot.stair(high)).isEqualTo("72.0,367.2 392.0,367.2 392.0,294.4 712.0,294.4");
    assertThat(plot.area(low, high))
        .isEqualTo(plot.stair(high) + " 712.0,440.0 392.0,440.0 392.0,440.0 72.0,440.0");
  }

  @Test
  void svg_added_inItsOrder() {
    plot.add("<path d=\"M%.1f,0\"/>", 1.26);
    plot.add("<title>%s</title>", "last");
    assertThat(plot.svg())
        .startsWith("<svg ")
        .contains("  <path d=\"M1.3,0\"/>\n  <title>last</title>\n</svg>\n");
  }
}
