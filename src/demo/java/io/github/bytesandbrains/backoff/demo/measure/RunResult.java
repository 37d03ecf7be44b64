package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.demo.Phase;
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
public record RunResult(
    Map<Phase, PhaseResult> phases,
    @Nullable Duration lastServedAgain,
    Auditor.@Nullable Extremes extremes) {

  /** What was counted in a phase, and how long it took. */
  public record PhaseResult(Duration length, Counts counts) {
    public long repliesPerSecond() {
      return length.isZero() ? 0 : Math.round(counts.served() * 1e9 / length.toNanos());
    }
  }

  public Counts total() {
    return phases.values().stream().map(PhaseResult::counts).reduce(Counts.NONE, Counts::plus);
  }

  public Duration elapsed() {
    return phases.values().stream().map(PhaseResult::length).reduce(Duration.ZERO, Duration::plus);
  }
}
