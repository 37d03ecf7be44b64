package io.github.bytesandbrains.backoff.benchmarks;

import io.github.bytesandbrains.backoff.benchmarks.jmh.Isolated;
import io.github.bytesandbrains.backoff.benchmarks.ratio.Experiments;
import io.github.bytesandbrains.backoff.benchmarks.ratio.Ratios;
import io.github.bytesandbrains.backoff.benchmarks.report.Comparison;
import io.github.bytesandbrains.backoff.benchmarks.report.RatioChart;
import io.github.bytesandbrains.backoff.benchmarks.report.RatioReport;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingChart;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport;
import io.github.bytesandbrains.backoff.benchmarks.sharing.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands of the benchmarks' jar; any other arguments go to JMH. */
@Command(
    name = "benchmarks",
    subcommands = {Ratios.class, Isolated.class, Sharing.class})
public final class Benchmarks {
  private static final Path DOCS = Path.of("src", "docs");

  private Benchmarks() {}

  @Command(description = "Prints the paired and the isolated ratios of a results directory.")
  void report(@Parameters(paramLabel = "DIR") Path results) throws IOException {
    Comparison.read(results, Experiments.isolated()).print();
  }

  @Command(description = "Draws src/docs/ratios.png and sharing.png from a results directory.")
  void charts(@Parameters(paramLabel = "DIR") Path results) throws IOException {
    if (Files.exists(results.resolve(RatioReport.FILE))) {
      Path ratios = DOCS.resolve("ratios.png");
      RatioChart.draw(Comparison.read(results, Experiments.isolated()), ratios);
      System.out.println(ratios + " is drawn");
    }
    if (Files.exists(results.resolve(SharingReport.FILE))) {
      Path sharing = DOCS.resolve("sharing.png");
      SharingChart.draw(SharingReport.read(results), sharing);
      System.out.println(sharing + " is drawn");
    }
  }

  public static void main(String[] args) throws IOException {
    CommandLine commands = new CommandLine(new Benchmarks());
    if (args.length > 0 && commands.getSubcommands().containsKey(args[0])) {
      System.exit(commands.execute(args));
    }
    org.openjdk.jmh.Main.main(args);
  }
}
