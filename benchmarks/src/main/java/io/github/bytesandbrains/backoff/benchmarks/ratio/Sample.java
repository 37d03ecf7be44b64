package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.report.Quartiles;
import io.github.bytesandbrains.backoff.benchmarks.report.Result;
import io.github.bytesandbrains.backoff.benchmarks.report.Result.Cost;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one JVM measured for a target.
 *
 * @param values what is judged: the ratios of neighboring slices, or a single value
 * @param ours what an operation of this library costs, if that was measured
 * @param details further values, by their names
 */
record Sample(
    String target,
    double[] values,
    @Nullable Cost ours,
    @Nullable Cost theirs,
    Map<String, Double> details) {

  /** The result of the samples of all JVMs, pooled. */
  static Result pool(Target target, List<Sample> all) {
    List<Sample> samples =
        all.stream().filter(sample -> sample.target().equals(target.name())).toList();
    double[] values = samples.stream()
        .flatMapToDouble(sample -> Arrays.stream(sample.values()))
        .toArray();
    return new Result(
        target,
        Quartiles.of(values),
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
    return Quartiles.of(costs.stream().mapToDouble(figure).toArray()).median();
  }
}
