package io.github.bytesandbrains.backoff;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Measures the ratios that the library is to reach, judges them, and writes down what it found. Each
 * experiment runs in a JVM of its own, started from here, with the same options.
 */
final class Ratios {
  static final List<String> JVM_OPTIONS = List.of("-Xmx6g", "-Djol.magicFieldOffset=true");

  private final Options options;

  Ratios(Options options) {
    this.options = options;
  }

  /** Measures the rows in JVMs of their own; returns whether all hold. */
  boolean run() throws IOException, InterruptedException {
    ResultTable table = new ResultTable(System.out);
    List<Result> results = new ArrayList<>();
    List<Experiment> experiments = Experiments.all();
    for (int i = 0; i < experiments.size(); i++) {
      if (!wanted(experiments.get(i)).isEmpty()) {
        for (Result result : forked(i)) {
          results.add(result);
          table.add(result);
        }
      }
    }
    if (results.isEmpty()) {
      throw new IllegalArgumentException(
          "--rows: " + options.rows() + " (expected: matches a row)");
    }
    if (options.quick()) {
      System.out.println("A quick run, which judges nothing.");
      return true;
    }
    Path written = Report.write(options, results);
    System.out.println("Written to " + written);
    return table.summarize();
  }

  /** Measures the rows of one experiment in this JVM. */
  void runHere(int index, Path into) throws IOException {
    Experiment experiment = Experiments.all().get(index);
    List<Result> results = new ArrayList<>();
    experiment.run(wanted(experiment), options.settings(), results::add);
    Report.write(into, results);
  }

  private List<Row> wanted(Experiment experiment) {
    Pattern rows = Pattern.compile(options.rows());
    return experiment.rows().stream()
        .filter(row -> rows.matcher(row.name()).find())
        .toList();
  }

  private List<Result> forked(int index) throws IOException, InterruptedException {
    Path results = Files.createTempFile("results", ".json");
    try {
      List<String> command = new ArrayList<>();
      command.add(
          System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
      command.addAll(JVM_OPTIONS);
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Benchmarks.class.getName());
      command.addAll(List.of("experiment", String.valueOf(index), results.toString()));
      command.addAll(options.arguments());
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("experiment " + index + " ended with " + status);
      }
      return Report.read(results);
    } finally {
      Files.deleteIfExists(results);
    }
  }
}
