package io.github.bytesandbrains.backoff;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results as lines of text. */
final class ResultTable {
  private static final String FORMAT = "%-76s %8s %8s  %-13s %9s %9s %7s %7s %6s  %s%n";

  private final PrintStream out;
  private final List<Result> shortOf = new ArrayList<>();
  private final boolean judging;
  private int judged;

  /** A table that says of each row whether it holds, or does not judge. */
  ResultTable(PrintStream out, boolean judging) {
    this.out = out;
    this.judging = judging;
    out.printf(
        FORMAT,
        "",
        "to reach",
        "measured",
        "quartiles",
        "ns/op",
        "theirs",
        "B/op",
        "theirs",
        "slices",
        "");
  }

  void add(Result result) {
    Row.Limit limit = result.row().limit();
    Spread measured = result.measured();
    Sample.Cost ours = result.ours();
    Sample.Cost theirs = result.theirs();
    String verdict = limit == null || !judging ? "" : result.holds() ? "ok" : "SHORT";
    if (limit != null) {
      judged++;
      if (!result.holds()) {
        shortOf.add(result);
      }
    }
    out.printf(
        FORMAT,
        result.row().name(),
        limit == null ? "" : limit,
        figure(measured.median()),
        figure(measured.lower()) + "-" + figure(measured.upper()),
        ours == null ? "" : figure(ours.nanos()),
        theirs == null ? "" : figure(theirs.nanos()),
        ours == null ? "" : bytes(ours.bytes()),
        theirs == null ? "" : bytes(theirs.bytes()),
        result.measurements(),
        verdict);
    result.details().forEach((what, value) -> out.printf("    %-72s %17s%n", what, figure(value)));
    out.flush();
  }

  /** Says how many rows fall short; returns whether none does. */
  boolean summarize() {
    out.printf("%d of %d rows hold.%n", judged - shortOf.size(), judged);
    shortOf.forEach(result -> out.printf(
        "Falls short: %s: %s (expected: %s)%n",
        result.row().name(), figure(result.measured().median()), result.row().limit()));
    return shortOf.isEmpty();
  }

  private static String figure(double value) {
    return String.format(
        Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f", value);
  }

  private static String bytes(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
