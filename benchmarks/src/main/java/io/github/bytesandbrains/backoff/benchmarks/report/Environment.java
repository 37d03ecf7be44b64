package io.github.bytesandbrains.backoff.benchmarks.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where, when and by which command something was measured. */
public record Environment(
    String date,
    String cpu,
    int processors,
    String os,
    String jdk,
    String versions,
    List<String> jvmOptions,
    String command) {
  private static final Path RESULTS = Path.of("benchmarks", "results");

  public static Environment here(List<String> jvmOptions, List<String> arguments)
      throws IOException {
    return new Environment(
        LocalDate.now(ZoneOffset.UTC).toString(),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        libraries(),
        jvmOptions,
        "java -jar benchmarks/target/benchmarks.jar "
            + arguments.stream().map(Environment::quoted).collect(Collectors.joining(" ")));
  }

  /** Where results go unless a directory is given. */
  public static Path defaultDirectory() throws IOException {
    String cpu = cpuModel().replaceAll("[^A-Za-z0-9.]+", "-").toLowerCase(Locale.ROOT);
    return RESULTS.resolve(
        LocalDate.now(ZoneOffset.UTC) + "-" + cpu + "-jdk" + Runtime.version().feature());
  }

  private static String libraries() throws IOException {
    Properties versions = new Properties();
    try (InputStream in = Environment.class.getResourceAsStream("/versions.properties")) {
      versions.load(in);
    }
    return versions.stringPropertyNames().stream()
        .sorted()
        .map(library -> library + " " + versions.getProperty(library))
        .collect(Collectors.joining(", "));
  }

  /** As a shell takes it. */
  private static String quoted(String argument) {
    return argument.matches("[-\\w./]+") ? argument : "'" + argument + "'";
  }

  private static String cpuModel() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.exists(info)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }
}
