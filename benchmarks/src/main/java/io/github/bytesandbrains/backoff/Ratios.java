package io.github.bytesandbrains.backoff;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Measures the ratios that the library is to reach, judges them, and writes down what it found. Each
 * experiment runs in a JVM of its own, started from here, with the same options.
 */
final class Ratios {
  /**
   * All memory is touched before: the first touch of a page costs a hundred operations, for whoever
   * comes first, and hides what the operations themselves cost. And whoever needs a method compiled
   * waits for it: else it is chance which of two comes first, and so whether the map's is inlined into
   * one side's loop and not the other's, which at 1,000,000 peers showed as 0.8 to 1.5 of one code.
   */
  static final List<String> JVM_OPTIONS =
      List.of("-Xms4g", "-Xmx4g", "-Xmn512m", "-XX:+AlwaysPreTouch", "-Xbatch");

  private final Options options;

  Ratios(Options options) {
    this.options = options;
  }

  /** Measures the rows in JVMs of their own; returns whether all hold. */
  boolean run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    ResultTable table = new ResultTable(System.out, !options.quick());
    List<Result> results = new ArrayList<>();
    List<Experiment> experiments = Experiments.all();
    for (int i = 0; i < experiments.size(); i++) {
      List<Row> rows = wanted(experiments.get(i));
      if (!rows.isEmpty()) {
        for (Result result : measured(i, rows)) {
          results.add(result);
          table.add(result);
        }
      }
    }
    System.out.printf(
        "Measured in %d s.%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    if (results.isEmpty()) {
      throw new IllegalArgumentException(
          "--rows: " + options.rows() + " (expected: matches a row)");
    }
    if (options.quick()) {
      System.out.println("A quick run, of few peers, which judges nothing.");
      return true;
    }
    System.out.println("Written to " + RatioReport.write(options, results));
    return table.summarize();
  }

  /** Measures the rows of one experiment in this JVM. */
  void runHere(int index, Path into) throws IOException {
    Experiment experiment = Experiments.all().get(index);
    List<Sample> samples = new ArrayList<>();
    experiment.run(wanted(experiment), options.settings(), samples::add);
    RatioReport.writeSamples(into, samples);
  }

  private List<Row> wanted(Experiment experiment) {
    Pattern rows = Pattern.compile(options.rows());
    return experiment.rows().stream()
        .filter(row -> rows.matcher(row.name()).find())
        .toList();
  }

  private List<Result> measured(int experiment, List<Row> rows)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    int forks = Experiments.all().get(experiment).forks(options.forks());
    for (int i = 0; i < forks; i++) {
      samples.addAll(forked(experiment));
    }
    return rows.stream().map(row -> Result.of(row, samplesOf(row, samples))).toList();
  }

  private static List<Sample> samplesOf(Row row, List<Sample> samples) {
    return samples.stream().filter(sample -> sample.row().equals(row.name())).toList();
  }

  private List<Sample> forked(int experiment) throws IOException, InterruptedException {
    Path samples = Files.createTempFile("samples", ".json");
    try {
      List<String> command = new ArrayList<>();
      command.add(
          System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
      command.addAll(JVM_OPTIONS);
      command.addAll(Experiments.all().get(experiment).jvmOptions());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Benchmarks.class.getName());
      command.addAll(List.of("experiment", String.valueOf(experiment), samples.toString()));
      command.addAll(options.arguments());
      int status = new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD) // JOL is talkative
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start()
          .waitFor();
      if (status != 0) {
        throw new IllegalStateException("experiment " + experiment + " ended with " + status);
      }
      return RatioReport.readSamples(samples);
    } finally {
      Files.deleteIfExists(samples);
    }
  }
}
