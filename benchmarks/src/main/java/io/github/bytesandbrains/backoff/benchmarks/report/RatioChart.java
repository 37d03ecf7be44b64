package io.github.bytesandbrains.backoff.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The time of this library divided by that of others, on a logarithmic scale, with the targets. */
public final class RatioChart {
  private static final Color PAIRED = new Color(0x0b5cad);
  private static final Color ISOLATED = new Color(0x2e8b57);
  private static final Color TARGET = new Color(0xb4540a);
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final int NAMES_WIDTH = 460;
  private static final int WIDTH = 890;
  private static final int HEADER = 130;
  private static final int ROW = 24;
  private static final double LEAST = 0.003;

  /** Left of the plot: XChart's own labels of rows must be narrower than a row is high. */
  private static final double NAMES_CENTER = LEAST / 130;

  private final XYChart chart;
  private final List<Comparison.Line> lines;

  /** A target: nothing should lie to the right of it. */
  private static final class Bar extends Marker {
    @Override
    public void paint(Graphics2D g, double x, double y, int size) {
      g.setStroke(new BasicStroke(3));
      g.draw(new Line2D.Double(x, y - size, x, y + size));
    }
  }

  private RatioChart(Comparison comparison) {
    // The first row is the topmost, which has the largest y.
    lines =
        comparison.lines().stream().filter(line -> line.paired().ours() != null).toList();
    Environment where = comparison.environment();
    chart = new XYChartBuilder()
        .width(WIDTH)
        .height(HEADER + ROW * lines.size())
        .title("Time / time of the alternative: lower is better")
        .xAxisTitle(String.format(
            Locale.ROOT,
            "%s, %d processors, %s, %s",
            where.cpu(),
            where.processors(),
            where.jdk().replaceFirst(".* (\\d+)[^ ]*$", "JDK $1"),
            where.date()))
        .build();
  }

  public static void draw(Comparison comparison, Path file) throws IOException {
    RatioChart drawing = new RatioChart(comparison);
    drawing.style();
    for (int row = 1; row <= drawing.lines.size(); row++) {
      String name = drawing.line(row).paired().target().name();
      drawing.chart.addAnnotation(new AnnotationText(name, NAMES_CENTER, row, false));
    }
    drawing.add(
        "target", TARGET, new Bar(), line -> line.paired().target().limit().value());
    drawing.add(
        "paired, in one JVM",
        PAIRED,
        SeriesMarkers.CIRCLE,
        line -> line.paired().measured().median());
    drawing.add(
        "isolated, by JMH",
        ISOLATED,
        SeriesMarkers.DIAMOND,
        line -> line.isolated().orElse(Double.NaN));
    try (OutputStream out = Files.newOutputStream(file)) {
      ChartEncoder.saveChart(drawing.chart, out, "svg");
    }
  }

  private void style() {
    chart
        .getStyler()
        .setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
        .setXAxisLogarithmic(true)
        .setXAxisLogarithmicDecadeOnly(true)
        .setXAxisMin(LEAST)
        .setXAxisMax(10.0)
        .setYAxisMin(0.0)
        .setYAxisMax(lines.size() + 1.0)
        .setYAxisTicksVisible(false)
        .setAxisTickLabelsFont(FONT)
        .setAxisTitleFont(FONT)
        .setChartTitleFont(FONT.deriveFont(Font.BOLD, 15))
        .setLegendFont(FONT)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setChartBackgroundColor(Color.WHITE)
        .setYAxisLeftWidthHint(NAMES_WIDTH)
        .setAnnotationTextFont(FONT)
        .setMarkerSize(9);
  }

  private void add(String name, Color color, Marker marker, ToDoubleFunction<Comparison.Line> x) {
    List<Integer> rows = IntStream.rangeClosed(1, lines.size())
        .boxed()
        .filter(row -> !Double.isNaN(x.applyAsDouble(line(row))))
        .toList();
    if (!rows.isEmpty()) {
      chart
          .addSeries(name, rows.stream().map(row -> x.applyAsDouble(line(row))).toList(), rows)
          .setMarkerColor(color)
          .setMarker(marker);
    }
  }

  private Comparison.Line line(int y) {
    return lines.get(lines.size() - y);
  }
}
