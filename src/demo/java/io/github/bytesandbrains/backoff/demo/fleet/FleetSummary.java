package io.github.bytesandbrains.backoff.demo.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table at the end, with a column for each run; a dash is for what was not measured. */
final class FleetSummary {
  private final List<FleetRun> runs;
  private final List<Row> rows = new ArrayList<>();

  /** A row: what it is about, and its cells. */
  record Row(String label, List<String> cells) {}

  private FleetSummary(List<FleetRun> runs) {
    this.runs = runs;
    episodes(
        "sends to dead peers",
        episode -> Optional.of(episode.deadSends())
            .filter(sends -> sends > 0)
            .map(sends -> String.format(Locale.ROOT, "%,d", sends)));
    episodes("last node knows", episode -> episode.lastKnew().map(FleetSummary::seconds));
    episodes("last node is back", episode -> episode.lastBack().map(FleetSummary::seconds));
    row(
        "longest wait for a table",
        run -> Optional.of(run.longestCall())
            .filter(call -> !call.isZero())
            .map(call -> String.format(Locale.ROOT, "%.0f ms", call.toNanos() / 1e6)));
    row("all connected again", run -> run.reconnected().map(FleetSummary::seconds));
  }

  static List<Row> rows(List<FleetRun> runs) {
    return List.copyOf(new FleetSummary(runs).rows);
  }

  /** Returns the lines of the table. */
  static String of(List<FleetRun> runs) {
    List<String> names = runs.stream().map(FleetRun::name).toList();
    List<Row> lines = new ArrayList<>(rows(runs));
    lines.add(0, new Row("", names));
    return lines.stream()
        .map(row -> String.format("%-40s", row.label)
            + row.cells.stream()
                .map(cell -> String.format("%17s", cell))
                .collect(Collectors.joining()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  private void episodes(String label, Function<Episode, Optional<String>> value) {
    for (int i = 0; i < FleetRun.EPISODES.size(); i++) {
      int number = i;
      row(
          label + ", " + FleetRun.EPISODES.get(i),
          run -> value.apply(run.episodes().get(number)));
    }
  }

  private void row(String label, Function<FleetRun, Optional<String>> value) {
    rows.add(
        new Row(label, runs.stream().map(run -> value.apply(run).orElse("-")).toList()));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
  }
}
