package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Figures NOTHING = new Figures(Map.of(), null);

  private static final Figures WHOLE = new Figures(
      Map.of(
          Phase.CALM, measured(2000, new Counts(9000, 1, 0, 0, 0.25)),
          Phase.OUTAGE, measured(4000, new Counts(12000, 1200, 30, 123456, 20.5)),
          Phase.RECOVERY, measured(3000, new Counts(14999, 10, 3, 4, 1.0))),
      Duration.ofMillis(1234));

  private static final Figures HALF = new Figures(
      Map.of(
          Phase.CALM, measured(2000, new Counts(8000, 0, 0, 0, 0)),
          Phase.OUTAGE, measured(0, Counts.NONE)),
      null);

  @Test
  void of_bothRuns_oneRowForEachFigure() {
    assertThat(Report.of(WHOLE, HALF).lines())
        .containsExactly(
            "                                     with the table         without",
            "replies per second, calm                      4,500           4,000",
            "replies per second, outage                    3,000               0",
            "replies per second, recovery                  5,000               -",
            "failed sends                                  1,211               0",
            "sends answered with \"busy\"                       33               0",
            "worker seconds lost to dead peers              21.8             0.0",
            "sends spared                                123,460               0",
            "last peer served after recovery              1.23 s               -");
  }

  @Test
  void of_nothingMeasured_dashes() {
    assertThat(Report.of(NOTHING, NOTHING).lines().skip(1))
        .hasSize(8)
        .allSatisfy(line -> assertThat(line).endsWith("               -               -"));
  }

  private static Figures.Measured measured(long millis, Counts counts) {
    return new Figures.Measured(Duration.ofMillis(millis), counts);
  }
}
