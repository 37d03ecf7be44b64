package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table at the end: with the backoff table against without. */
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
      new Row("last peer served after recovery", f -> seconds(f.lastServedAgain())));

  private record Row(String label, Function<Figures, String> figure) {}

  private Report() {}

  /** Returns the lines of the table; a dash is what has not been measured. */
  static String of(Figures with, Figures without) {
    return Stream.concat(
            Stream.of(line("", "with the table", "without")),
            ROWS.stream()
                .map(row -> line(row.label, row.figure.apply(with), row.figure.apply(without))))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  private static String line(String label, String with, String without) {
    return String.format("%-35s%16s%16s", label, with, without);
  }

  private static String replies(Figures figures, Phase phase) {
    Figures.Measured measured = figures.phases().get(phase);
    return measured == null ? NOT_MEASURED : number(Math.round(measured.repliesPerSecond()));
  }

  private static Function<Figures, String> ofTotal(Function<Counts, String> figure) {
    return figures -> figures.phases().isEmpty() ? NOT_MEASURED : figure.apply(figures.total());
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
