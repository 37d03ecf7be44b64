package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.ratio.Experiments;
import io.github.bytesandbrains.backoff.benchmarks.report.Environment;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedReport;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec;

  @Option(names = "--rows", paramLabel = "REGEX", description = "only the rows whose names match")
  private Pattern rows = Pattern.compile("");

  @Option(names = "--rounds", paramLabel = "N", description = "JVMs for each benchmark")
  private int rounds = 3;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where the results go, benchmarks/results/DATE-CPU-JDK unless given")
  private @Nullable Path out;

  /** Alternates between the benchmarks, so that a busy minute does not hit one of them alone. */
  @Override
  public Integer call() throws IOException, RunnerException {
    Set<IsolatedRun> runs = new LinkedHashSet<>();
    Experiments.isolated().forEach((target, pair) -> {
      if (rows.matcher(target).find()) {
        runs.addAll(List.of(pair.ours(), pair.theirs()));
      }
    });
    if (runs.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--rows: " + rows + " (expected: matches a row that JMH measures)");
    }
    Path directory = out == null ? Environment.defaultDirectory() : out;
    Path file = Files.createDirectories(directory).resolve(IsolatedReport.FILE);
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
