package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.ratio.Experiments;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedReport;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.RowOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs what the ratios compare as JMH benchmarks, each alone in its JVM. */
@Command(
    name = "isolated",
    description = "Measures what the ratios compare by JMH, each benchmark alone in its JVM.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Isolated implements Callable<Integer> {
  @CommandLine.Mixin
  private RowOptions rows;

  @Option(names = "--rounds", paramLabel = "N", description = "JVMs for each benchmark")
  private int rounds = 3;

  /** Alternates between the benchmarks, so that a busy minute does not hit one of them alone. */
  @Override
  public Integer call() throws IOException, RunnerException {
    Set<IsolatedRun> runs = new LinkedHashSet<>();
    Experiments.isolated().forEach((target, pair) -> {
      if (rows.includes(target)) {
        runs.addAll(List.of(pair.ours(), pair.theirs()));
      }
    });
    if (runs.isEmpty()) {
      throw rows.noRowMatches();
    }
    Path file = rows.file(IsolatedReport.FILE);
    Collection<RunResult> results = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (IsolatedRun run : runs) {
        OptionsBuilder options = new OptionsBuilder();
        options.include("\\." + run.benchmark() + "\\.").shouldFailOnError(true).forks(1);
        run.params().forEach(options::param);
        results.addAll(new Runner(options.build()).run());
      }
      ResultFormatFactory.getInstance(ResultFormatType.JSON, file.toString()).writeOut(results);
    }
    System.out.println("Written to " + file);
    return 0;
  }
}
