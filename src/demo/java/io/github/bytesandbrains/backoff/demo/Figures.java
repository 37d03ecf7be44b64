package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured in one run so far.
 *
 * @param phases those that have begun
 * @param lastServedAgain how long after the recovery began the last peer was served; null if some
 *     peer was not
 * @param extremes null if there is no table
 */
record Figures(
    Map<Phase, Measured> phases,
    @Nullable Duration lastServedAgain,
    @Nullable Extremes extremes) {

  /** What was counted in a phase, and how long it was. */
  record Measured(Duration length, Counts counts) {
    double repliesPerSecond() {
      return length.isZero() ? 0 : counts.served() * 1e9 / length.toNanos();
    }
  }

  Counts total() {
    return phases.values().stream().map(Measured::counts).reduce(Counts.NONE, Counts::plus);
  }
}
