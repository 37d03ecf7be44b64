package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table at the end: each run a column. */
final class Report {
  private static final String NOT_MEASURED = "-";

  private static final List<Row> ROWS = List.of(
      new Row("replies per second, calm", figures -> replies(figures, Phase.CALM)),
      new Row("replies per second, outage", figures -> replies(figures, Phase.OUTAGE)),
      new Row("replies per second, recovery", figures -> replies(figures, Phase.RECOVERY)),
      new Row("failed sends", ofTotal(total -> number(total.failed()))),
      new Row("sends answered with \"busy\"", ofTotal(total -> number(total.busy()))),
      new Row("worker seconds lost to dead peers", ofTotal(total -> one(total.lostSeconds()))),
      new Row("sends spared", ofTotal(total -> number(total.spared()))),
      // Counted are the sends that were admitted against the state whose cooldown had ended: until
      // somebody reports an outcome, after which the peer cools anew, or is unknown and all may
      // send.
      new Row(
          "most sends at one peer within 1 ms\n  of its cooldown's end",
          ofExtremes(Extremes::sends)),
      new Row("largest attempts value reached", ofExtremes(Extremes::attempts)),
      new Row("last peer served after recovery", f -> seconds(f.lastServedAgain())));

  private record Row(String label, Function<Figures, String> figure) {}

  /** One run. */
  record Column(String heading, Figures figures) {}

  private Report() {}

  /** Returns the lines of the table; a dash is what has not been measured. */
  static String of(List<Column> columns) {
    return Stream.concat(
            Stream.of(line("", columns.stream().map(Column::heading))),
            ROWS.stream()
                .map(row -> line(
                    row.label, columns.stream().map(column -> row.figure.apply(column.figures)))))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Returns what a table has counted, in one line without what it has never met. */
  static String of(BackoffStats stats) {
    return Stream.of(
            counted(stats.granted(), "granted"),
            counted(stats.denied(), "denied"),
            counted(stats.probes(), "probes"),
            counted(stats.releasedProbes(), "released"),
            counted(stats.lapsedProbes(), "lapsed"),
            counted(stats.staleOutcomes(), "stale"),
            counted(stats.failures(), "failures"),
            counted(stats.advisories(), "advisories"),
            counted(stats.successes(), "forgiven"))
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", ", "counted by the table: ", ""));
  }

  private static Optional<String> counted(long count, String what) {
    return count == 0 ? Optional.empty() : Optional.of(number(count) + " " + what);
  }

  private static String line(String label, Stream<String> figures) {
    int last = label.lastIndexOf('\n') + 1;
    return label.substring(0, last)
        + String.format("%-35s", label.substring(last))
        + figures.map(figure -> String.format("%15s", figure)).collect(Collectors.joining());
  }

  private static String replies(Figures figures, Phase phase) {
    Figures.Measured measured = figures.phases().get(phase);
    return measured == null ? NOT_MEASURED : number(Math.round(measured.repliesPerSecond()));
  }

  private static Function<Figures, String> ofTotal(Function<Counts, String> figure) {
    return figures -> figures.phases().isEmpty() ? NOT_MEASURED : figure.apply(figures.total());
  }

  private static Function<Figures, String> ofExtremes(ToLongFunction<Extremes> figure) {
    return figures -> {
      Extremes extremes = figures.extremes();
      return figures.phases().isEmpty() || extremes == null
          ? NOT_MEASURED
          : number(figure.applyAsLong(extremes));
    };
  }

  private static String seconds(@Nullable Duration duration) {
    return duration == null
        ? NOT_MEASURED
        : String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String one(double figure) {
    return String.format(Locale.ROOT, "%,.1f", figure);
  }
}
