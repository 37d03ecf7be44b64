package io.github.bytesandbrains.backoff.benchmarks.report;

import static io.github.bytesandbrains.backoff.benchmarks.report.ResultTable.figure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The paired ratios of a results directory and the isolated ones, target by target. */
public record Comparison(Environment environment, List<Line> lines) {
  private static final String FORMAT = "%-76s %8s %9s %9s  %s%n";

  /** A judged result; the isolated ratio is empty where JMH measured nothing of the kind. */
  record Line(Result paired, OptionalDouble isolated) {
    String verdict() {
      Target.Limit limit = paired.target().limit();
      if (isolated.isPresent() && limit.isMet(isolated.getAsDouble()) != paired.isMet()) {
        return "disagree";
      }
      return paired.isMet() ? "ok" : "MISSED";
    }
  }

  /** Reads a results directory; the pairs tell by target name what JMH measures in isolation. */
  public static Comparison read(Path directory, Map<String, IsolatedRun.Pair> pairs)
      throws IOException {
    RatioReport report = RatioReport.read(directory);
    IsolatedReport isolated = IsolatedReport.read(directory);
    List<Line> lines = report.results().stream()
        .filter(result -> result.target().limit() != null)
        .map(result -> {
          IsolatedRun.Pair pair = pairs.get(result.target().name());
          return new Line(result, pair == null ? OptionalDouble.empty() : isolated.ratio(pair));
        })
        .toList();
    return new Comparison(report.environment(), lines);
  }

  public void print() {
    System.out.printf(FORMAT, "", "paired", "isolated", "target", "");
    for (Line line : lines) {
      OptionalDouble isolated = line.isolated();
      System.out.printf(
          FORMAT,
          line.paired().target().name(),
          figure(line.paired().measured().median()),
          isolated.isPresent() ? figure(isolated.getAsDouble()) : "",
          line.paired().target().limit(),
          line.verdict());
    }
  }
}
