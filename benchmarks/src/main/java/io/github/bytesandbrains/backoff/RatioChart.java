package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Svg.Anchor;
import java.util.List;
import java.util.Locale;

/** The table's time by the other's, row by row, beside the number to reach. */
final class RatioChart {
  private static final int TOP = 100;
  private static final int STEP = 22;
  private static final int MIDDLE = 5;
  private static final String TABLE = "#0b5cad";
  private static final String REACH = "#b4540a";
  private static final double[] TICKS = {0.01, 0.1, 1, 10};
  private static final LogScale SCALE = new LogScale(0.003, 10, 480, 790);

  private RatioChart() {}

  static String draw(RatioReport report) {
    List<Result> results = report.results().stream()
        .filter(result -> result.ours() != null && result.row().limit() != null)
        .toList();
    int bottom = TOP + STEP * results.size();
    Svg svg = new Svg()
        .title(
            "How long the table takes, by how long others take",
            "Lower is better; at 1 both take as long. Dot: median of the slices; bar: half of them;"
                + " mark: the number to reach.");
    for (double tick : TICKS) {
      String style = "stroke=\"" + (tick == 1 ? Svg.PALE : Svg.GRID) + "\"";
      svg.line(SCALE.at(tick), TOP - 14, SCALE.at(tick), bottom, style);
      svg.text(SCALE.at(tick), TOP - 20, Anchor.MIDDLE, Svg.PALE, figure(tick));
    }
    for (int i = 0; i < results.size(); i++) {
      row(svg, results.get(i), TOP + STEP * i + STEP / 2.0);
    }
    return svg.drawn(bottom, report);
  }

  private static void row(Svg svg, Result result, double y) {
    Spread measured = result.measured();
    double reach = SCALE.at(result.row().limit().value());
    svg.text(470, y + MIDDLE, Anchor.END, Svg.INK, result.row().name());
    svg.line(reach, y - 8, reach, y + 8, "stroke=\"" + REACH + "\" stroke-width=\"2.5\"");
    svg.line(
        SCALE.at(measured.lower()),
        y,
        SCALE.at(measured.upper()),
        y,
        "stroke=\"" + TABLE + "\" stroke-width=\"5\" stroke-opacity=\"0.35\"");
    svg.dot(SCALE.at(measured.median()), y, TABLE);
    svg.text(
        860, y + MIDDLE, Anchor.END, result.holds() ? Svg.INK : REACH, figure(measured.median()));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 0.1 ? "%.3f" : "%.2f", value)
        .replaceFirst("(\\.\\d*?)0+$", "$1")
        .replaceFirst("\\.$", "");
  }
}
