package io.github.bytesandbrains.backoff;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Draws the charts of the README from what a run of {@link Ratios} has written. */
final class Charts {
  private static final Path DOCS = Path.of("src", "docs");

  private Charts() {}

  static void draw(Path results) throws IOException {
    RatioReport report = RatioReport.read(results.resolve(RatioReport.FILE));
    write("ratios.svg", RatioChart.draw(report));
    write("growth.svg", GrowthChart.draw(report));
    write("heap.svg", HeapChart.draw(report));
  }

  private static void write(String name, String drawing) throws IOException {
    Path file = Files.createDirectories(DOCS).resolve(name);
    Files.writeString(file, drawing);
    System.out.println(file + " is drawn");
  }
}
