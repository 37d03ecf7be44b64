package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.Jitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * Draws the figure of the README from what the library's own schedule answers: the delay against the
 * number of failures, without jitter, and how far each jitter spreads it.
 */
public final class ScheduleFigure {
  static final String HOW_TO_DRAW =
      "mvn -q test-compile exec:java -Dexec.mainClass=" + ScheduleFigure.class.getName();
  static final Path FILE = Path.of("src", "docs", "schedule.svg");

  private static final BackoffSchedule SCHEDULE =
      BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
  private static final int FAILURES = 20;
  private static final List<String> DECADES =
      List.of("1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s");

  private static final Look NONE = new Look("#1f2933", "none", "m-6,-1h12v2h-12z");
  private static final Look FULL =
      new Look("#b4540a", "#fce0c3", "m-2.3,0a2.3,2.3 0 1,0 4.6,0a2.3,2.3 0 1,0 -4.6,0z");
  private static final Look EQUAL = new Look("#0b5cad", "#bcd7f2", "m-2,-2h4v4h-4z");

  /** How far the marks of a band are from the middle of a column: one to the left, one to the right. */
  private static final double ASIDE = 0.2;

  private final Plot plot = new Plot(FAILURES);

  /**
   * How a jitter is drawn. Not everybody sees colours: marks differ in shape too.
   *
   * @param fill of its band
   * @param mark of one delay, as an SVG path
   */
  private record Look(String colour, String fill, String mark) {}

  private ScheduleFigure() {}

  /** Writes the file; see {@link #HOW_TO_DRAW}. */
  public static void main(String[] args) throws IOException {
    Files.createDirectories(FILE.getParent());
    Files.writeString(FILE, draw());
    System.out.println(FILE + " is drawn");
  }

  /** Returns the drawing, which is always the same. */
  static String draw() {
    RandomGenerator random = new SplittableRandom(1);
    Spread full = Spread.of(SCHEDULE.withJitter(Jitter.full(random)), FAILURES);
    Spread equal = Spread.of(SCHEDULE.withJitter(Jitter.equal(random)), FAILURES);
    ScheduleFigure figure = new ScheduleFigure();
    figure.headings();
    figure.axes();
    figure.band(full, FULL);
    figure.band(equal, EQUAL);
    figure.marks(full, FULL, -ASIDE);
    figure.marks(equal, EQUAL, ASIDE);
    figure.schedule();
    figure.names();
    return figure.plot.svg();
  }

  private void headings() {
    plot.add(
        "<text x=\"%d\" y=\"34\" font-size=\"18\" font-weight=\"bold\">%s</text>",
        Plot.LEFT, "Delay before a peer is tried again");
    plot.add(
        "<text x=\"%d\" y=\"56\">%s</text>",
        Plot.LEFT,
        "exponential(10 ms, 60 s). A band holds 98 of 100 delays; the marks are some of them.");
    plot.add(
        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">consecutive failures</text>",
        plot.x((FAILURES + 1) / 2.0), Plot.BOTTOM + 42);
  }

  private void axes() {
    double delayNanos = Plot.SHORTEST_NANOS;
    for (String delay : DECADES) {
      double y = plot.y(delayNanos);
      plot.add("<path d=\"M%d,%.1fH%d\" stroke=\"#d9dee3\"/>", Plot.LEFT, y, Plot.RIGHT);
      plot.add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", Plot.LEFT - 8, y + 4.5, delay);
      delayNanos *= 10;
    }
    for (int attempts = 1; attempts <= FAILURES; attempts++) {
      plot.add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
          plot.x(attempts), Plot.BOTTOM + 19, attempts);
    }
  }

  private void band(Spread spread, Look look) {
    plot.add(
        "<polygon points=\"%s\" fill=\"%s\" stroke=\"%s\"/>",
        plot.area(spread.low(), spread.high()), look.fill, look.colour);
  }

  private void marks(Spread spread, Look look, double aside) {
    for (int attempts = 1; attempts <= FAILURES; attempts++) {
      for (long delay : spread.some()[attempts - 1]) {
        mark(look, plot.x(attempts + aside), plot.y((double) delay));
      }
    }
  }

  private void mark(Look look, double x, double y) {
    plot.add("<path d=\"M%.1f,%.1f%s\" fill=\"%s\"/>", x, y, look.mark, look.colour);
  }

  private void schedule() {
    long[] delays = LongStream.rangeClosed(1, FAILURES)
        .map(attempts -> SCHEDULE.delayNanos(Math.toIntExact(attempts)))
        .toArray();
    plot.add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\"/>",
        plot.stair(delays), NONE.colour);
  }

  /** The legend: names each beside its end, where the delay is the longest. */
  private void names() {
    double longest = SCHEDULE.maxDelayNanos();
    name(NONE, plot.y(longest) - 12, List.of("no jitter", "the schedule itself"));
    name(EQUAL, plot.y(longest) + 28, List.of("equal jitter", "from half of it on"));
    name(FULL, plot.y(longest / 10) + 14, List.of("full jitter", "anything up to it"));
  }

  private void name(Look look, double y, List<String> lines) {
    mark(look, Plot.RIGHT + 16, y - 4.5);
    for (int i = 0; i < lines.size(); i++) {
      plot.add(
          "<text x=\"%d\" y=\"%.1f\" font-weight=\"%s\" fill=\"%s\">%s</text>",
          Plot.RIGHT + 28, y + 16 * i, i == 0 ? "bold" : "normal", look.colour, lines.get(i));
    }
  }
}
