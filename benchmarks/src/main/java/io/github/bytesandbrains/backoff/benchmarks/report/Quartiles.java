package io.github.bytesandbrains.backoff.benchmarks.report;

import java.util.Arrays;

/** The quartiles of what was measured; zeros if nothing was. */
public record Quartiles(double lower, double median, double upper) {
  public static Quartiles of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
