package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Sample.Cost;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was measured for a row.
 *
 * @param measured what is judged, by its median
 * @param measurements how many figures the quartiles are of
 */
record Result(
    Row row,
    Spread measured,
    int measurements,
    @Nullable Cost ours,
    @Nullable Cost theirs,
    Map<String, Double> details) {

  /** The samples of all JVMs, pooled. */
  static Result of(Row row, List<Sample> samples) {
    double[] values = samples.stream()
        .map(Sample::values)
        .flatMapToDouble(java.util.Arrays::stream)
        .toArray();
    return new Result(
        row,
        Spread.of(values),
        values.length,
        cost(samples, Sample::ours),
        cost(samples, Sample::theirs),
        samples.get(0).details());
  }

  private static @Nullable Cost cost(List<Sample> samples, Function<Sample, @Nullable Cost> side) {
    List<Cost> costs = samples.stream().map(side).filter(Objects::nonNull).toList();
    return costs.isEmpty()
        ? null
        : new Cost(median(costs, Cost::nanos), median(costs, Cost::bytes));
  }

  private static double median(List<Cost> costs, ToDoubleFunction<Cost> figure) {
    return Spread.of(costs.stream().mapToDouble(figure).toArray()).median();
  }

  boolean holds() {
    return row.limit() == null || row.limit().holds(measured.median());
  }
}
