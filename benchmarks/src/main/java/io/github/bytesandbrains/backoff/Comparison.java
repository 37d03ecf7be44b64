package io.github.bytesandbrains.backoff;

import java.util.Arrays;

/**
 * What a comparison found.
 *
 * @param ratio ours by theirs, of each pair of neighbouring slices
 */
record Comparison(Spread ratio, int slices, int operationsASlice, Cost ours, Cost theirs) {

  /** Medians of an operation. */
  record Cost(double nanos, double bytes) {}

  static Comparison of(Interleaved.Side ours, Interleaved.Side theirs, int operations) {
    double[] ratios = new double[ours.nanos.length];
    Arrays.setAll(ratios, i -> ours.nanos[i] / theirs.nanos[i]);
    return new Comparison(
        Spread.of(ratios),
        ratios.length,
        operations,
        cost(ours, operations),
        cost(theirs, operations));
  }

  private static Cost cost(Interleaved.Side side, int operations) {
    double slices = side.nanos.length;
    return new Cost(Spread.of(side.nanos).median() / operations, side.bytes / slices / operations);
  }
}
