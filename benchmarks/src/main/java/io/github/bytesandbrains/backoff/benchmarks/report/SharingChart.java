package io.github.bytesandbrains.backoff.benchmarks.report;

import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Size;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How soon the nodes know that a peer died, and what dead peers cost, on logarithmic scales. */
public final class SharingChart {
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final int WIDTH = 480;
  private static final int HEIGHT = 380;
  private static final int SCALE = 2; // for screens of twice the usual resolution
  private static final Color BLUE = new Color(0x0b5cad);
  private static final Color GREEN = new Color(0x2e8b57);
  private static final Color GRAY = new Color(0x606060);
  private static final Color ORANGE = new Color(0xb4540a);

  private SharingChart() {}

  public static void draw(SharingReport report, Path file) throws IOException {
    BufferedImage image =
        new BufferedImage(2 * WIDTH * SCALE, HEIGHT * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.scale(SCALE, SCALE);
    latency(report.sizes()).paint(g, WIDTH, HEIGHT);
    g.translate(WIDTH, 0);
    cost(report.sizes()).paint(g, WIDTH, HEIGHT);
    g.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private static XYChart latency(List<Size> all) {
    List<Size> sizes = all.stream().filter(size -> size.deadPeers() == 0).toList();
    XYChart chart = chart("A peer dies: ms until a node knows", "nodes", 10, 1_000);
    chart.addAnnotation(new AnnotationLine(SharingReport.LIMIT_MILLIS, false, false));
    add(chart, "max", ORANGE, sizes, Size::nodes, size -> size.dies().max());
    add(chart, "p99", BLUE, sizes, Size::nodes, size -> size.dies().p99());
    add(chart, "p50", GREEN, sizes, Size::nodes, size -> size.dies().p50());
    add(
        chart,
        "it recovers: p99",
        GRAY,
        sizes,
        Size::nodes,
        size -> size.recovers().p99());
    return chart;
  }

  /** With the number of nodes for which most numbers of dead peers were measured. */
  private static XYChart cost(List<Size> all) {
    List<Size> sizes = all.stream()
        .filter(size -> size.deadPeers() > 0)
        .collect(Collectors.groupingBy(Size::nodes))
        .values()
        .stream()
        .max(Comparator.comparing(List::size))
        .orElse(List.of());
    int nodes = sizes.isEmpty() ? 0 : sizes.get(0).nodes();
    XYChart chart =
        chart("Many die at once, " + nodes + " nodes: until all know", "dead peers", 1, 100_000);
    add(chart, "ms", BLUE, sizes, Size::deadPeers, size -> size.learnsAll().max());
    add(chart, "kB read", GRAY, sizes, Size::deadPeers, size -> size.atFirst().bytesOut() / 1e3);
    add(
        chart,
        "node CPU ms",
        GREEN,
        sizes,
        Size::deadPeers,
        size -> size.atFirst().nodesCpuSeconds() * 1e3);
    add(
        chart,
        "Redis CPU ms",
        ORANGE,
        sizes,
        Size::deadPeers,
        size -> size.atFirst().redisCpuSeconds() * 1e3);
    return chart;
  }

  private static XYChart chart(String title, String xAxis, double least, double most) {
    XYChart chart = new XYChartBuilder()
        .width(WIDTH)
        .height(HEIGHT)
        .title(title)
        .xAxisTitle(xAxis)
        .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setYAxisLogarithmic(true)
        .setXAxisDecimalPattern("#,###")
        .setYAxisDecimalPattern("#,###")
        .setYAxisMin(least)
        .setYAxisMax(most)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setAxisTickLabelsFont(FONT)
        .setAxisTitleFont(FONT)
        .setChartTitleFont(FONT.deriveFont(Font.BOLD, 14))
        .setLegendFont(FONT)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setChartBackgroundColor(Color.WHITE)
        .setAnnotationLineColor(Color.GRAY)
        .setMarkerSize(8);
    return chart;
  }

  private static void add(
      XYChart chart,
      String name,
      Color color,
      List<Size> sizes,
      ToDoubleFunction<Size> x,
      ToDoubleFunction<Size> y) {
    if (!sizes.isEmpty()) {
      XYSeries series = chart.addSeries(
          name,
          sizes.stream().mapToDouble(x).toArray(),
          sizes.stream().mapToDouble(y).toArray());
      series.setLineColor(color).setLineWidth(2);
      series.setMarkerColor(color).setMarker(SeriesMarkers.CIRCLE);
    }
  }
}
