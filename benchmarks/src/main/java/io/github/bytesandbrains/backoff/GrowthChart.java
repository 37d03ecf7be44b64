package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Svg.Anchor;
import java.util.List;
import java.util.function.Function;

/** How long each operation takes, from a thousand peers to a million, beside a bare map. */
final class GrowthChart {
  private static final String TABLE = "#0b5cad";
  private static final String BARE = "#b4540a";
  private static final int TOP = 120;
  private static final int BOTTOM = 400;
  private static final int LEFT = 80;
  private static final int PANEL = 156;
  private static final int GAP = 20;
  private static final double[] TICKS = {1, 10, 100, 1_000, 10_000};
  private static final LogScale NANOS = new LogScale(0.3, 10_000, BOTTOM, TOP);
  private static final List<String> SIZES = List.of("1k", "10k", "100k", "1M");

  private GrowthChart() {}

  static String draw(RatioReport report) {
    Svg svg = new Svg()
        .title(
            "How the time of an operation grows with the peers",
            "Nanoseconds of an operation, lower is better, against the number of peers.")
        .line(600, 30, 630, 30, "stroke=\"" + TABLE + "\" stroke-width=\"2.5\"")
        .text(636, 34, Anchor.START, TABLE, "this table")
        .line(
            720,
            30,
            750,
            30,
            "stroke=\"" + BARE + "\" stroke-width=\"2.5\" stroke-dasharray=\"6 4\"")
        .text(756, 34, Anchor.START, BARE, "a bare map");
    for (double tick : TICKS) {
      svg.line(LEFT, NANOS.at(tick), Svg.WIDTH - 20, NANOS.at(tick), "stroke=\"" + Svg.GRID + "\"");
      svg.text(
          LEFT - 8, NANOS.at(tick) + 4.5, Anchor.END, Svg.PALE, String.format("%,.0f ns", tick));
    }
    for (Question question : Question.values()) {
      panel(svg, question, report);
    }
    return svg.drawn(BOTTOM + 40, report);
  }

  private static void panel(Svg svg, Question question, RatioReport report) {
    double left = LEFT + PANEL * question.ordinal();
    LogScale peers =
        new LogScale(Experiments.SIZES[0], Experiments.MANY, left + GAP, left + PANEL - GAP);
    svg.text(left + PANEL / 2.0, TOP - 20, Anchor.MIDDLE, Svg.INK, question.title);
    for (int i = 0; i < SIZES.size(); i++) {
      svg.text(peers.at(Experiments.SIZES[i]), BOTTOM + 20, Anchor.MIDDLE, Svg.PALE, SIZES.get(i));
    }
    line(svg, question, report, peers, Result::theirs, BARE, " stroke-dasharray=\"6 4\"");
    line(svg, question, report, peers, Result::ours, TABLE, "");
  }

  private static void line(
      Svg svg,
      Question question,
      RatioReport report,
      LogScale peers,
      Function<Result, Sample.Cost> side,
      String colour,
      String dashes) {
    double lastX = 0;
    double lastY = 0;
    for (int size : Experiments.SIZES) {
      String name = Contest.name(question, size, Candidate.BARE_MAP);
      for (Result result : report.results()) {
        if (result.row().name().equals(name)) {
          double x = peers.at(size);
          double y = NANOS.at(side.apply(result).nanos());
          if (lastX > 0) {
            svg.line(lastX, lastY, x, y, "stroke=\"" + colour + "\" stroke-width=\"2.5\"" + dashes);
          }
          svg.dot(x, y, colour);
          lastX = x;
          lastY = y;
        }
      }
    }
  }
}
