package io.github.bytesandbrains.backoff;

import java.util.Arrays;

/** The quartiles of what was measured. */
record Spread(double lower, double median, double upper) {
  static Spread of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
