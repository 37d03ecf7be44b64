package io.github.bytesandbrains.backoff.benchmarks.report;

import java.util.List;
import java.util.Locale;

/** The results as lines of text. */
public final class ResultTable {
  private static final String FORMAT = "%-76s %8s %8s  %-13s %9s %9s %7s %7s %6s  %s%n";

  private ResultTable() {}

  public static void printHeader() {
    System.out.printf(
        FORMAT,
        "",
        "target",
        "measured",
        "quartiles",
        "ns/op",
        "theirs",
        "B/op",
        "theirs",
        "slices",
        "");
  }

  public static void print(Result result, boolean judging) {
    Target.Limit limit = result.target().limit();
    Quartiles measured = result.measured();
    Result.Cost ours = result.ours();
    Result.Cost theirs = result.theirs();
    System.out.printf(
        FORMAT,
        result.target().name(),
        limit == null ? "" : limit,
        figure(measured.median()),
        figure(measured.lower()) + "-" + figure(measured.upper()),
        ours == null ? "" : figure(ours.nanos()),
        theirs == null ? "" : figure(theirs.nanos()),
        ours == null ? "" : String.format(Locale.ROOT, "%.1f", ours.bytes()),
        theirs == null ? "" : String.format(Locale.ROOT, "%.1f", theirs.bytes()),
        result.measurements(),
        limit == null || !judging ? "" : result.isMet() ? "ok" : "MISSED");
    result
        .details()
        .forEach((what, value) -> System.out.printf("    %-72s %17s%n", what, figure(value)));
    System.out.flush();
  }

  /** Says which targets are missed; returns whether none is. */
  public static boolean summarize(List<Result> results) {
    List<Result> judged =
        results.stream().filter(result -> result.target().limit() != null).toList();
    List<Result> missed = judged.stream().filter(result -> !result.isMet()).toList();
    System.out.printf("%d of %d targets are met.%n", judged.size() - missed.size(), judged.size());
    missed.forEach(result -> System.out.printf(
        "Missed: %s: %s (expected: %s)%n",
        result.target().name(),
        figure(result.measured().median()),
        result.target().limit()));
    return missed.isEmpty();
  }

  static String figure(double value) {
    return String.format(
        Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f", value);
  }
}
