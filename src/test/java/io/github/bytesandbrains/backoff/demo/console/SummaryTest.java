package io.github.bytesandbrains.backoff.demo.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.measure.Auditor.Extremes;
import io.github.bytesandbrains.backoff.demo.measure.Counts;
import io.github.bytesandbrains.backoff.demo.measure.RunResult;
import io.github.bytesandbrains.backoff.demo.measure.RunResult.PhaseResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private final Map<String, RunResult> runs = new LinkedHashMap<>();

  @Test
  void of_threeRuns_oneRowForEachMeasurement() {
    runs.put(
        "first",
        new RunResult(
            Map.of(
                Phase.CALM, phase(2000, new Counts(9000, 1, 0, 0, 0.25)),
                Phase.OUTAGE, phase(4000, new Counts(12000, 1200, 30, 123456, 20.5)),
                Phase.RECOVERY, phase(3000, new Counts(14999, 10, 3, 4, 1.0))),
            Duration.ofMillis(1234),
            new Extremes(1, 7)));
    runs.put(
        "second",
        new RunResult(
            Map.of(
                Phase.CALM, phase(2000, new Counts(8000, 0, 0, 0, 0)),
                Phase.OUTAGE, phase(0, Counts.NONE)),
            null,
            new Extremes(16, 1234)));
    runs.put(
        "third",
        new RunResult(
            Map.of(Phase.CALM, phase(1000, new Counts(3000, 0, 0, 0, 0))),
            Duration.ofMillis(270),
            null));
    assertThat(Summary.of(runs).lines())
        .containsExactly(
            "                                             first         second          third",
            "replies per second, calm                     4,500          4,000          3,000",
            "replies per second, outage                   3,000              0              -",
            "replies per second, recovery                 5,000              -              -",
            "failed sends                                 1,211              0              0",
            "sends answered with \"busy\"                      33              0              0",
            "worker seconds lost to dead peers             21.8            0.0            0.0",
            "sends spared                               123,460              0              0",
            "most sends at one peer within 1 ms",
            "  of its cooldown's end                          1             16              -",
            "largest attempts value reached                   7          1,234              -",
            "last peer served after recovery             1.23 s              -         0.27 s");
  }

  @Test
  void of_nothingMeasured_dashes() {
    runs.put("run", new RunResult(Map.of(), null, new Extremes(0, 0)));
    assertThat(Summary.of(runs).lines().skip(1))
        .hasSize(11)
        .filteredOn(line -> !line.startsWith("most sends"))
        .allSatisfy(line -> assertThat(line).endsWith("              -"));
  }

  private static PhaseResult phase(long millis, Counts counts) {
    return new PhaseResult(Duration.ofMillis(millis), counts);
  }
}
