package io.github.bytesandbrains.backoff.benchmarks;

import io.github.bytesandbrains.backoff.benchmarks.jmh.Isolated;
import io.github.bytesandbrains.backoff.benchmarks.ratio.Experiments;
import io.github.bytesandbrains.backoff.benchmarks.ratio.Ratios;
import io.github.bytesandbrains.backoff.benchmarks.report.Comparison;
import io.github.bytesandbrains.backoff.benchmarks.report.RatioChart;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands of the benchmarks' jar; any other arguments go to JMH. */
@Command(
    name = "benchmarks",
    subcommands = {Ratios.class, Isolated.class})
public final class Benchmarks {
  private static final Path CHART = Path.of("src", "docs", "ratios.png");

  private Benchmarks() {}

  @Command(description = "Prints the paired and the isolated ratios of a results directory.")
  void report(@Parameters(paramLabel = "DIR") Path results) throws IOException {
    Comparison.read(results, Experiments.isolated()).print();
  }

  @Command(description = "Draws src/docs/ratios.png from a results directory.")
  void charts(@Parameters(paramLabel = "DIR") Path results) throws IOException {
    RatioChart.draw(Comparison.read(results, Experiments.isolated()), CHART);
    System.out.println(CHART + " is drawn");
  }

  public static void main(String[] args) throws IOException {
    CommandLine commands = new CommandLine(new Benchmarks());
    if (args.length > 0 && commands.getSubcommands().containsKey(args[0])) {
      System.exit(commands.execute(args));
    }
    org.openjdk.jmh.Main.main(args);
  }
}
