package io.github.bytesandbrains.backoff;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where, when and by what command something was measured. */
record Surroundings(
    String date,
    String cpu,
    int processors,
    String os,
    String jdk,
    String versions,
    List<String> jvmOptions,
    String command) {

  static Surroundings here(String what, List<String> arguments) throws IOException {
    return new Surroundings(
        LocalDate.now(ZoneOffset.UTC).toString(),
        processor(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        libraries(),
        Ratios.JVM_OPTIONS,
        "java -jar benchmarks/target/benchmarks.jar " + what + " "
            + arguments.stream().map(Surroundings::quoted).collect(Collectors.joining(" ")));
  }

  String name() {
    return date + "-" + RatioReport.plain(cpu) + "-jdk" + Runtime.version().feature();
  }

  private static String libraries() throws IOException {
    Properties versions = new Properties();
    try (InputStream in = Surroundings.class.getResourceAsStream("versions.properties")) {
      versions.load(in);
    }
    return versions.stringPropertyNames().stream()
        .sorted()
        .map(library -> library + " " + versions.getProperty(library))
        .collect(Collectors.joining(", "));
  }

  /** As a shell takes it. */
  private static String quoted(String argument) {
    return argument.matches("[-\\w]+") ? argument : "'" + argument + "'";
  }

  private static String processor() throws IOException {
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
