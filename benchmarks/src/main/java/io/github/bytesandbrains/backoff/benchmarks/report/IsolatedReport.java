package io.github.bytesandbrains.backoff.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What JMH measured in isolation, from its own JSON. */
public record IsolatedReport(List<JmhResult> results) {
  public static final String FILE = "isolated.json";

  record JmhResult(String benchmark, Map<String, String> params, Metric primaryMetric) {
    IsolatedRun run() {
      String type = benchmark.substring(0, benchmark.lastIndexOf('.'));
      return new IsolatedRun(type.substring(type.lastIndexOf('.') + 1), params);
    }
  }

  /** The score of each iteration of each JVM. */
  record Metric(double[][] rawData) {}

  /** Reads what a results directory has, which may be nothing. */
  static IsolatedReport read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    return new IsolatedReport(
        Files.exists(file)
            ? new Gson().fromJson(Files.readString(file), new TypeToken<List<JmhResult>>() {})
            : List.of());
  }

  /** Our time divided by theirs, if both were measured. */
  OptionalDouble ratio(IsolatedRun.Pair pair) {
    double ours = score(pair.ours());
    double theirs = score(pair.theirs());
    return ours > 0 && theirs > 0 ? OptionalDouble.of(ours / theirs) : OptionalDouble.empty();
  }

  /**
   * The median of the JVMs' best iterations, which the machine disturbed least; 0 if not measured.
   */
  private double score(IsolatedRun run) {
    return Quartiles.of(results.stream()
            .filter(result -> result.run().equals(run))
            .flatMap(result -> Arrays.stream(result.primaryMetric().rawData()))
            .mapToDouble(iterations -> Arrays.stream(iterations).min().orElseThrow())
            .toArray())
        .median();
  }
}
