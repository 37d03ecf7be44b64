package io.github.bytesandbrains.backoff;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one JVM measured for a row.
 *
 * @param values what is judged: the ratios of neighbouring slices, or a single figure
 * @param ours what an operation of ours costs; none where that is not what is measured
 * @param details further figures, by their names
 */
record Sample(
    String row,
    double[] values,
    @Nullable Cost ours,
    @Nullable Cost theirs,
    Map<String, Double> details) {

  /** An operation's cost: the median time, and the bytes allocated, which is a mean. */
  record Cost(double nanos, double bytes) {}

  /** Ours by theirs. */
  static Sample of(Row row, Interleaved.Side ours, Interleaved.Side theirs) {
    double[] ratios = new double[ours.nanos.length];
    Arrays.setAll(ratios, i -> ours.nanos[i] / theirs.nanos[i]);
    return new Sample(row.name(), ratios, ours.cost(), theirs.cost(), Map.of());
  }

  static Sample of(Row row, double... values) {
    return new Sample(row.name(), values, null, null, Map.of());
  }
}
