package io.github.bytesandbrains.backoff.benchmarks.ratio;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.github.bytesandbrains.backoff.benchmarks.Benchmarks;
import io.github.bytesandbrains.backoff.benchmarks.report.Environment;
import io.github.bytesandbrains.backoff.benchmarks.report.RatioReport;
import io.github.bytesandbrains.backoff.benchmarks.report.Result;
import io.github.bytesandbrains.backoff.benchmarks.report.ResultTable;
import io.github.bytesandbrains.backoff.benchmarks.report.RowOptions;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the ratios that the library is to reach, judges them, and writes them down. Each
 * experiment runs in a JVM of its own, with the same options.
 */
@Command(
    name = "ratios",
    description = "Measures and judges the ratios; exits with 1 if a target is missed.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Ratios implements Callable<Integer> {
  /**
   * All memory is touched before: the first touch of a page costs as much as a hundred operations.
   * A thread that needs a method compiled waits for it. Otherwise chance decides whether the map's
   * method is inlined into one side's loop and not into the other's.
   */
  private static final List<String> JVM_OPTIONS =
      List.of("-Xms4g", "-Xmx4g", "-Xmn512m", "-XX:+AlwaysPreTouch", "-Xbatch");

  private static final List<String> QUICK_JVM_OPTIONS =
      List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  private RowOptions rows;

  @Option(names = "--slices", paramLabel = "N", description = "pairs of slices per row and JVM")
  private int slices = 1_000;

  @Option(names = "--forks", paramLabel = "N", description = "JVMs that measure each row")
  private int forks = 5;

  @Option(names = "--quick", description = "run each row for a moment; judge and write nothing")
  private boolean quick;

  @Option(names = "--experiment", hidden = true)
  private int experiment = -1;

  @Option(names = "--samples", hidden = true)
  private @Nullable Path samples;

  @Override
  public Integer call() throws Exception {
    if (samples != null) {
      runHere(samples);
      return 0;
    }
    long start = System.nanoTime();
    List<Result> results = new ArrayList<>();
    ResultTable.printHeader();
    List<Experiment> experiments = Experiments.all();
    for (int i = 0; i < experiments.size(); i++) {
      for (Result result : measured(i, experiments.get(i))) {
        results.add(result);
        ResultTable.print(result, !quick);
      }
    }
    if (results.isEmpty()) {
      throw rows.noRowMatches();
    }
    System.out.printf(
        "Measured in %d s.%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    if (quick) {
      System.out.println("A quick run, with few peers, which judges nothing.");
      return 0;
    }
    Path file = rows.file(RatioReport.FILE);
    Environment environment = Environment.here(JVM_OPTIONS, arguments());
    new RatioReport(environment, settings(), results).write(file);
    System.out.println("Written to " + file);
    return ResultTable.summarize(results) ? 0 : 1;
  }

  private List<String> arguments() {
    return spec.commandLine().getParseResult().originalArgs();
  }

  private Settings settings() {
    return quick ? Settings.quick() : Settings.judged(slices);
  }

  private List<Target> wanted(Experiment experiment) {
    return experiment.targets().stream()
        .filter(target -> rows.includes(target.name()))
        .toList();
  }

  /** Measures the rows of one experiment in this JVM. */
  private void runHere(Path file) throws Exception {
    Experiment here = Experiments.all().get(experiment);
    Run run = new Run(wanted(here), settings(), new ArrayList<>());
    here.run(run);
    Files.writeString(file, new Gson().toJson(run.samples()));
  }

  private List<Result> measured(int index, Experiment experiment)
      throws IOException, InterruptedException {
    List<Target> wanted = wanted(experiment);
    List<Sample> measured = new ArrayList<>();
    int jvms = wanted.isEmpty() ? 0 : experiment.forks(quick ? 1 : forks);
    for (int i = 0; i < jvms; i++) {
      measured.addAll(forked(index, experiment));
    }
    return wanted.stream().map(target -> Sample.pool(target, measured)).toList();
  }

  private List<Sample> forked(int index, Experiment experiment)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("samples", ".json");
    try {
      List<String> command = new ArrayList<>();
      command.add(
          System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
      command.addAll(quick ? QUICK_JVM_OPTIONS : JVM_OPTIONS);
      command.addAll(experiment.jvmOptions());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Benchmarks.class.getName());
      command.addAll(arguments());
      command.addAll(List.of("--experiment", String.valueOf(index), "--samples", file.toString()));
      int status = new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD) // JOL is talkative
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start()
          .waitFor();
      if (status != 0) {
        throw new IllegalStateException("experiment " + index + " ended with " + status);
      }
      return new Gson().fromJson(Files.readString(file), new TypeToken<List<Sample>>() {});
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
