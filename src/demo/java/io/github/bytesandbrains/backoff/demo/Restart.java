package io.github.bytesandbrains.backoff.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Kills a client in the outage and starts it again, with the snapshot that it left and without.
 * Shows what the time after the restart costs.
 */
final class Restart {
  private static final String ROW = "%-38s%15s%15s%n";

  private final Options options;
  private final Fleet fleet;
  private final PrintWriter out;

  Restart(Options options, Fleet fleet, PrintWriter out) {
    this.options = options;
    this.fleet = fleet;
    this.out = out;
  }

  /** What a client counted between its start and the end of its time. */
  private record Result(int restored, long failed, long busy, double lostSeconds, long served) {
    static Result parse(String line) {
      String[] words = line.split(" ", -1);
      return new Result(
          Integer.parseInt(words[0]),
          Long.parseLong(words[1]),
          Long.parseLong(words[2]),
          Double.parseDouble(words[3]),
          Long.parseLong(words[4]));
    }
  }

  void rehearse() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("rehearsal");
    try {
      Duration third = Duration.ofSeconds(options.seconds).dividedBy(3);
      Path file = folder.resolve("peers.backoff");
      fleet.become(options.outage());
      out.printf(
          "A client sends to %d peers in an outage, is killed after %.1f s and starts again.%n",
          options.peers, third.toMillis() / 1e3);
      killAfter(third, file);
      Result with = run(third, file);
      Result without = run(third, folder.resolve("none"));
      out.printf("The first %.1f s after the restart:%n", third.toMillis() / 1e3);
      out.printf(ROW, "", "with snapshot", "without");
      row("peers known at the start", "%,d", with.restored, without.restored);
      row("failed sends", "%,d", with.failed, without.failed);
      row("sends answered with \"busy\"", "%,d", with.busy, without.busy);
      row("worker seconds lost to dead peers", "%,.1f", with.lostSeconds, without.lostSeconds);
      row("replies", "%,d", with.served, without.served);
      out.flush();
    } finally {
      delete(folder);
    }
  }

  private void row(String label, String format, Object with, Object without) {
    out.printf(
        ROW,
        label,
        String.format(Locale.ROOT, format, with),
        String.format(Locale.ROOT, format, without));
  }

  /** The kill is {@code SIGKILL}: the process has no time to save. */
  private void killAfter(Duration time, Path file) throws IOException, InterruptedException {
    Process client = start(time.multipliedBy(10), time, file);
    try {
      while (!Files.exists(file)) { // a process takes its time to start
        if (client.waitFor(10, TimeUnit.MILLISECONDS)) {
          throw new IOException("the client ended with " + client.exitValue());
        }
      }
      client.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      client.destroyForcibly().waitFor();
    }
  }

  private Result run(Duration time, Path file) throws IOException, InterruptedException {
    Process client = start(time, time, file);
    try (BufferedReader lines = client.inputReader(UTF_8)) {
      String line = lines.readLine();
      if (client.waitFor() != 0 || line == null) {
        throw new IOException("the client ended with " + client.exitValue());
      }
      return Result.parse(line);
    } finally {
      client.destroyForcibly();
    }
  }

  private Process start(Duration time, Duration longestDelay, Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            RestartedClient.class.getName(),
            file.toString(),
            String.valueOf(time.toMillis()),
            String.valueOf(longestDelay.toMillis()),
            String.valueOf(options.workers),
            String.valueOf(options.seed),
            fleet.peers().stream()
                .map(peer -> String.valueOf(peer.address().getPort()))
                .collect(Collectors.joining(",")))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Not the property of that name, which is Maven's own where Maven runs the rehearsal. */
  private static String classPath() {
    return Stream.of(
            RestartedClient.class, ConcurrentBackoffTable.class, Caffeine.class, CommandLine.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
