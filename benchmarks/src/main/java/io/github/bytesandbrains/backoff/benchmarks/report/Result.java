package io.github.bytesandbrains.backoff.benchmarks.report;

import com.google.gson.annotations.SerializedName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured for a row.
 *
 * @param measured what is judged, by its median
 * @param measurements how many values the quartiles are of
 * @param ours what an operation of this library costs, if that was measured
 * @param details further values, by their names
 */
public record Result(
    @SerializedName("row") Target target,
    Quartiles measured,
    int measurements,
    @Nullable Cost ours,
    @Nullable Cost theirs,
    Map<String, Double> details) {

  /** The cost of an operation: the median time, and the mean of the bytes allocated. */
  public record Cost(double nanos, double bytes) {}

  boolean isMet() {
    return target.limit() == null || target.limit().isMet(measured.median());
  }
}
