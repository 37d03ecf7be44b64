package io.github.bytesandbrains.backoff;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured for a row.
 *
 * @param measured what is judged, by its median
 * @param measurements how many figures the quartiles are of
 * @param comparison what is behind a ratio of two costs
 * @param details further figures, by their names
 */
record Result(
    Row row,
    Spread measured,
    int measurements,
    @Nullable Comparison comparison,
    Map<String, Double> details) {

  static Result of(Row row, Comparison comparison) {
    return new Result(row, comparison.ratio(), comparison.slices(), comparison, Map.of());
  }

  static Result of(Row row, Spread measured, int measurements) {
    return new Result(row, measured, measurements, null, Map.of());
  }

  boolean holds() {
    return row.limit() == null || row.limit().holds(measured.median());
  }
}
