package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Permit;
import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import io.github.bytesandbrains.backoff.demo.Report.Column;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Figures NOTHING = new Figures(Map.of(), null, new Extremes(0, 0));

  private static final Figures WHOLE = new Figures(
      Map.of(
          Phase.CALM, measured(2000, new Counts(9000, 1, 0, 0, 0.25)),
          Phase.OUTAGE, measured(4000, new Counts(12000, 1200, 30, 123456, 20.5)),
          Phase.RECOVERY, measured(3000, new Counts(14999, 10, 3, 4, 1.0))),
      Duration.ofMillis(1234),
      new Extremes(1, 7));

  private static final Figures HALF = new Figures(
      Map.of(
          Phase.CALM, measured(2000, new Counts(8000, 0, 0, 0, 0)),
          Phase.OUTAGE, measured(0, Counts.NONE)),
      null,
      new Extremes(16, 1234));

  private static final Figures CONTROL = new Figures(
      Map.of(Phase.CALM, measured(1000, new Counts(3000, 0, 0, 0, 0))),
      Duration.ofMillis(270),
      null);

  @Test
  void of_threeRuns_oneRowForEachFigure() {
    assertThat(report(WHOLE, HALF, CONTROL).lines())
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
    assertThat(report(NOTHING, NOTHING, NOTHING).lines().skip(1))
        .hasSize(11)
        .filteredOn(line -> !line.startsWith("most sends"))
        .allSatisfy(
            line -> assertThat(line).endsWith("              -              -              -"));
  }

  @Test
  void of_stats_thoseThatAreNotZero() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(attempts -> 1)
        .probeLease(Duration.ofNanos(10))
        .idleTimeout(Duration.ofHours(1))
        .build();
    table.recordFailure("a", 0);
    table.recordFailure("b", 0);
    table.recordSuccess("b");
    assertThat(Report.of(table.stats())).isEqualTo("counted by the table: 2 failures, 1 forgiven");

    for (int i = 0; i < 1_234; i++) {
      assertThat(table.tryAcquire("a", 0)).isEmpty();
      assertThat(table.tryAcquire("c", 0)).isPresent();
    }
    Permit late = table.tryAcquire("a", 1).orElseThrow();
    Permit released = table.tryAcquire("a", 11).orElseThrow(); // the lease of the first has expired
    assertThat(released.release()).isTrue();
    Permit advised = table.tryAcquire("a", 12).orElseThrow();
    assertThat(advised.recordRemoteAdvisory(12, 1)).isTrue();
    assertThat(late.recordFailure(12)).isFalse();
    assertThat(Report.of(table.stats()))
        .isEqualTo("counted by the table: 1,237 granted, 1,234 denied, 3 probes, 1 released,"
            + " 1 lapsed, 1 stale, 2 failures, 1 advisories, 1 forgiven");
  }

  private static String report(Figures first, Figures second, Figures third) {
    return Report.of(List.of(
        new Column("first", first), new Column("second", second), new Column("third", third)));
  }

  private static Figures.Measured measured(long millis, Counts counts) {
    return new Figures.Measured(Duration.ofMillis(millis), counts);
  }
}
