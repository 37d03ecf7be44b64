package io.github.bytesandbrains.backoff.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The time of this library divided by that of others, on a logarithmic scale, with the targets. */
public final class RatioChart {
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final int WIDTH = 960;
  private static final int NAMES_WIDTH = 440;
  private static final int HEADER = 150;
  private static final int ROW = 22;
  private static final int DOTS_PER_INCH = 144; // for screens of twice the usual resolution

  private final List<Comparison.Line> lines;
  private final XYChart chart;

  /** A target: nothing should lie to the right of it. */
  private static final class Bar extends Marker {
    @Override
    public void paint(Graphics2D g, double x, double y, int size) {
      g.setStroke(new BasicStroke(3));
      g.draw(new Line2D.Double(x, y - size + 1, x, y + size - 1));
    }
  }

  /** The name left of a row. XChart's own labels must be narrower than a row is high. */
  private static final class Name extends AnnotationText {
    private final String name;
    private final int row;

    Name(String name, int row) {
      super(name, 1, row, false);
      this.name = name;
      this.row = row;
    }

    @Override
    public void paint(Graphics2D g) {
      FontMetrics font = g.getFontMetrics(FONT);
      g.setFont(FONT);
      g.setColor(Color.BLACK);
      int right = getXAxisScreenValueForMin() - font.charWidth('m');
      g.drawString(
          name, right - font.stringWidth(name), getYAxisScreenValue(row) + font.getAscent() / 2);
    }
  }

  private RatioChart(Comparison comparison) {
    lines =
        comparison.lines().stream().filter(line -> line.paired().ours() != null).toList();
    Environment where = comparison.environment();
    chart = new XYChartBuilder()
        .width(WIDTH)
        .height(HEADER + ROW * lines.size())
        .title("Time of this library / time of what follows the slash")
        .xAxisTitle(String.format(
            Locale.ROOT,
            "left of 1: faster; %s, %d processors, %s, %s",
            where.cpu(),
            where.processors(),
            where.jdk().replaceFirst("^\\D*\\d+\\D+(\\d[\\d.]*).*", "JDK $1"),
            where.date()))
        .build();
  }

  public static void draw(Comparison comparison, Path file) throws IOException {
    RatioChart drawing = new RatioChart(comparison);
    drawing.style();
    for (int row = 1; row <= drawing.lines.size(); row++) {
      drawing.chart.addAnnotation(new Name(drawing.line(row).paired().target().name(), row));
    }
    drawing.chart.addAnnotation(new AnnotationLine(1, true, false));
    drawing.add(
        "target, at most",
        new Color(0xb4540a),
        new Bar(),
        line -> line.paired().target().limit().value());
    drawing.add(
        "paired, in one JVM",
        new Color(0x0b5cad),
        SeriesMarkers.CIRCLE,
        line -> line.paired().measured().median());
    drawing.add(
        "alone, by JMH",
        new Color(0x2e8b57),
        SeriesMarkers.DIAMOND,
        line -> line.isolated().orElse(Double.NaN));
    Files.deleteIfExists(file); // XChart does not shorten a file that is there
    BitmapEncoder.saveBitmapWithDPI(
        drawing.chart, file.toString(), BitmapEncoder.BitmapFormat.PNG, DOTS_PER_INCH);
  }

  private void style() {
    double least = lines.stream()
        .map(line -> line.paired().measured().median())
        .min(Comparator.naturalOrder())
        .orElse(1.0);
    chart
        .getStyler()
        .setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
        .setXAxisLogarithmic(true)
        .setXAxisLogarithmicDecadeOnly(true)
        .setXAxisMin(least / 2)
        .setXAxisMax(10.0)
        .setYAxisMin(0.0)
        .setYAxisMax(lines.size() + 1.0)
        .setYAxisTicksVisible(false)
        .setPlotGridVerticalLinesVisible(false)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setAxisTickLabelsFont(FONT)
        .setAxisTitleFont(FONT)
        .setYAxisLeftWidthHint(NAMES_WIDTH)
        .setChartTitleFont(FONT.deriveFont(Font.BOLD, 14))
        .setLegendFont(FONT)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setChartBackgroundColor(Color.WHITE)
        .setAnnotationLineColor(Color.GRAY)
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

  /** The first line is the topmost, which has the largest y. */
  private Comparison.Line line(int y) {
    return lines.get(lines.size() - y);
  }
}
