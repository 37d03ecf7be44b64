package io.github.bytesandbrains.backoff.demo;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A drawing of delays against numbers of failures, as SVG: the scales, and what was added. */
final class Plot {
  static final int WIDTH = 880;
  static final int HEIGHT = 500;
  static final int LEFT = 72;
  static final int RIGHT = 712;
  static final int TOP = 76;
  static final int BOTTOM = 440;

  static final double SHORTEST_NANOS = 1e6; // 1 ms
  private static final int DECADES = 5; // up to 100 s

  private final int failures;
  private final StringBuilder elements = new StringBuilder();

  /** Begins with an empty one for so many failures. */
  Plot(int failures) {
    this.failures = failures;
  }

  /** Where a number of failures is: in the middle of a column of its own. */
  double x(double attempts) {
    return LEFT + (RIGHT - LEFT) * (attempts - 0.5) / failures;
  }

  /** Where a delay is; one shorter than all that is shown is at the bottom. */
  double y(double delayNanos) {
    double decades = Math.log10(Math.max(1, delayNanos / SHORTEST_NANOS));
    return BOTTOM - (BOTTOM - TOP) * decades / DECADES;
  }

  /** Adds an element, with a tenth of a pixel as precise as is needed: {@code %.1f}. */
  @SuppressWarnings("AnnotateFormatMethod") // an annotation that nothing else here depends on
  void add(String format, Object... values) {
    elements.append("  ").append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** Returns the points of a stair: a tread for the delay after each number of failures. */
  String stair(long[] delays) {
    return treads(IntStream.range(0, delays.length), delays, 0.5);
  }

  /** Returns the points of the area between two stairs. */
  String area(long[] low, long[] high) {
    IntStream back = IntStream.iterate(low.length - 1, i -> i >= 0, i -> i - 1);
    return stair(high) + " " + treads(back, low, -0.5);
  }

  private String treads(IntStream indices, long[] delays, double half) {
    return indices
        .mapToObj(i -> point(i + 1 - half, delays[i]) + " " + point(i + 1 + half, delays[i]))
        .collect(Collectors.joining(" "));
  }

  private String point(double attempts, long delay) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x(attempts), y((double) delay));
  }

  /** Returns the whole file. The ground is white, so that it can be read on a dark page too. */
  String svg() {
    return String.format(Locale.ROOT, """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d"
            role="img" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#1f2933">
          <rect width="100%%" height="100%%" rx="8" fill="#ffffff"/>
        %3$s</svg>
        """, WIDTH, HEIGHT, elements);
  }
}
