package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.Jitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Draws the figure of {@code src/docs/production.md} from the library's own schedule: the delay
 * against the number of failures, without jitter, and how far each jitter spreads it.
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

  /** Enough delays for even edges of a band; a few are marked. */
  private static final int SAMPLES = 100_000;

  private static final int MARKED = 6;

  private static final int LEFT = 72;
  private static final int RIGHT = 712;
  private static final int TOP = 76;
  private static final int BOTTOM = 440;

  private final StringBuilder svg = new StringBuilder();

  /** How a jitter is drawn: its marks differ in shape too, because not everybody sees colors. */
  private record Look(String color, String fill, String mark) {}

  private static final Look NONE = new Look("#1f2933", "none", "m-6,-1h12v2h-12z");
  private static final Look FULL =
      new Look("#b4540a", "#fce0c3", "m-2.3,0a2.3,2.3 0 1,0 4.6,0a2.3,2.3 0 1,0 -4.6,0z");
  private static final Look EQUAL = new Look("#0b5cad", "#bcd7f2", "m-2,-2h4v4h-4z");

  private ScheduleFigure() {}

  /** Writes the file; see {@link #HOW_TO_DRAW}. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, draw());
    System.out.println("drew " + FILE);
  }

  /** Returns the drawing, which is always the same. */
  static String draw() {
    SplittableRandom random = new SplittableRandom(1);
    long[][] full = delays(SCHEDULE.withJitter(Jitter.full(random)));
    long[][] equal = delays(SCHEDULE.withJitter(Jitter.equal(random)));
    ScheduleFigure figure = new ScheduleFigure();
    figure.axes();
    figure.band(full, FULL);
    figure.band(equal, EQUAL);
    figure.marks(full, FULL, -0.2);
    figure.marks(equal, EQUAL, 0.2);
    figure.schedule();
    figure.legend();
    return figure.add("</svg>").svg.toString();
  }

  /** Returns many delays for each number of failures from 1 on. */
  private static long[][] delays(BackoffSchedule schedule) {
    return IntStream.rangeClosed(1, FAILURES)
        .mapToObj(attempts -> LongStream.generate(() -> schedule.delayNanos(attempts))
            .limit(SAMPLES)
            .toArray())
        .toArray(long[][]::new);
  }

  private void axes() {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 880 500\" width=\"880\""
        + " height=\"500\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\""
        + " font-size=\"13\" fill=\"#1f2933\">");
    add("<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#ffffff\"/>"); // on dark pages too
    text(LEFT, 34, "font-size=\"18\" font-weight=\"bold\"", "Delay before a peer is retried");
    text(
        LEFT, 56, "", "exponential(10 ms, 60 s). A band holds 98 of 100 delays; marks show a few.");
    text(x((FAILURES + 1) / 2.0), BOTTOM + 42, "text-anchor=\"middle\"", "consecutive failures");
    for (int i = 0; i < DECADES.size(); i++) {
      double y = y(Math.pow(10, 6 + i));
      add("<path d=\"M%d,%.1fH%d\" stroke=\"#d9dee3\"/>", LEFT, y, RIGHT);
      text(LEFT - 8, y + 4.5, "text-anchor=\"end\"", DECADES.get(i));
    }
    for (int attempts = 1; attempts <= FAILURES; attempts++) {
      text(x(attempts), BOTTOM + 19, "text-anchor=\"middle\"", String.valueOf(attempts));
    }
  }

  private void band(long[][] delays, Look look) {
    double[] low = new double[FAILURES];
    double[] high = new double[FAILURES];
    for (int i = 0; i < FAILURES; i++) {
      long[] sorted = delays[i].clone();
      Arrays.sort(sorted);
      low[FAILURES - 1 - i] =
          (double) sorted[SAMPLES / 100]; // from right to left, back to the start
      high[i] = (double) sorted[SAMPLES - 1 - SAMPLES / 100];
    }
    add(
        "<polygon points=\"%s %s\" fill=\"%s\" stroke=\"%s\"/>",
        steps(high, false), steps(low, true), look.fill, look.color);
  }

  private void marks(long[][] delays, Look look, double aside) {
    for (int i = 0; i < FAILURES; i++) {
      for (int j = 0; j < MARKED; j++) {
        mark(look, x(i + 1 + aside), y((double) delays[i][j]));
      }
    }
  }

  private void schedule() {
    double[] delays = IntStream.rangeClosed(1, FAILURES)
        .mapToDouble(attempts -> (double) SCHEDULE.delayNanos(attempts))
        .toArray();
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\"/>",
        steps(delays, false), NONE.color);
  }

  /** Names each next to its end, where the delay is the longest. */
  private void legend() {
    double longest = (double) SCHEDULE.maxDelayNanos();
    name(NONE, y(longest) - 12, "no jitter", "the schedule itself");
    name(EQUAL, y(longest) + 28, "equal jitter", "from half of it up");
    name(FULL, y(longest / 10) + 14, "full jitter", "anything up to it");
  }

  private void name(Look look, double y, String name, String meaning) {
    mark(look, RIGHT + 16, y - 4.5);
    String fill = "fill=\"" + look.color + "\"";
    text(RIGHT + 28, y, "font-weight=\"bold\" " + fill, name);
    text(RIGHT + 28, y + 16, fill, meaning);
  }

  /** Returns the points of a stair, with a step for each delay. */
  private static String steps(double[] delays, boolean fromTheRight) {
    return IntStream.range(0, FAILURES)
        .mapToObj(i -> fromTheRight
            ? point(FAILURES - i + 0.5, delays[i]) + " " + point(FAILURES - i - 0.5, delays[i])
            : point(i + 0.5, delays[i]) + " " + point(i + 1.5, delays[i]))
        .collect(Collectors.joining(" "));
  }

  private static String point(double attempts, double delayNanos) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x(attempts), y(delayNanos));
  }

  /** A number of failures is in the middle of its column. */
  private static double x(double attempts) {
    return LEFT + (RIGHT - LEFT) * (attempts - 0.5) / FAILURES;
  }

  /** Logarithmic; a delay below 1 ms is at the bottom. */
  private static double y(double delayNanos) {
    double decades = Math.log10(Math.max(1, delayNanos / 1e6));
    return BOTTOM - (BOTTOM - TOP) * decades / (DECADES.size() - 1);
  }

  private void mark(Look look, double x, double y) {
    add("<path d=\"M%.1f,%.1f%s\" fill=\"%s\"/>", x, y, look.mark, look.color);
  }

  private void text(double x, double y, String attributes, String text) {
    add("<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>", x, y, attributes, text);
  }

  @SuppressWarnings("AnnotateFormatMethod") // an annotation that nothing else here depends on
  private ScheduleFigure add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    return this;
  }
}
