package io.github.bytesandbrains.backoff.demo.console;

import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.measure.Auditor.Extremes;
import io.github.bytesandbrains.backoff.demo.measure.Counts;
import io.github.bytesandbrains.backoff.demo.measure.RunResult;
import io.github.bytesandbrains.backoff.demo.measure.RunResult.PhaseResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table that is printed at the end, with a column for each run. */
public final class Summary {
  private final List<String> lines = new ArrayList<>();
  private final List<RunResult> runs;
  private final String cell;

  private Summary(Map<String, RunResult> runs) {
    this.runs = List.copyOf(runs.values());
    int longest = runs.keySet().stream().mapToInt(String::length).max().orElse(0);
    cell = "%" + Math.max(15, longest + 2) + "s";
    line("", runs.keySet().stream());
    for (Phase phase : Phase.values()) {
      row("replies per second, " + phase, "%,d", run -> replies(run.phases().get(phase)));
    }
    total("failed sends", "%,d", Counts::failed);
    total("sends answered with \"busy\"", "%,d", Counts::busy);
    total("worker seconds lost to dead peers", "%,.1f", Counts::lostSeconds);
    total("sends spared", "%,d", Counts::spared);
    lines.add("most sends at one peer within 1 ms");
    extreme("  of its cooldown's end", Extremes::sends);
    extreme("largest attempts value reached", Extremes::attempts);
    row("last peer served after recovery", "%.2f s", run -> seconds(run.lastServedAgain()));
  }

  /**
   * Returns the lines of the table, with a dash for what has not been measured.
   *
   * @param runs by their names, in the order of the columns
   */
  public static String of(Map<String, RunResult> runs) {
    return String.join(System.lineSeparator(), new Summary(runs).lines);
  }

  private void total(String label, String format, Function<Counts, Object> value) {
    row(label, format, run -> run.phases().isEmpty() ? null : value.apply(run.total()));
  }

  private void extreme(String label, Function<Extremes, Object> value) {
    row(label, "%,d", run -> {
      Extremes extremes = run.extremes();
      return run.phases().isEmpty() || extremes == null ? null : value.apply(extremes);
    });
  }

  private void row(String label, String format, Function<RunResult, @Nullable Object> value) {
    line(
        label,
        runs.stream().map(value).map(v -> v == null ? "-" : String.format(Locale.ROOT, format, v)));
  }

  private void line(String label, Stream<String> cells) {
    lines.add(cells
        .map(text -> String.format(cell, text))
        .collect(Collectors.joining("", String.format("%-35s", label), "")));
  }

  private static @Nullable Long replies(@Nullable PhaseResult phase) {
    return phase == null ? null : phase.repliesPerSecond();
  }

  private static @Nullable Double seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toNanos() / 1e9;
  }
}
