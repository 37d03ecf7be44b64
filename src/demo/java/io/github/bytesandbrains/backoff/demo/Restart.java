package io.github.bytesandbrains.backoff.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.gson.Gson;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.measure.Counts;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
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

  /** What a client is to do. */
  record Job(
      String file,
      long millis,
      long longestDelayMillis,
      int workers,
      long seed,
      List<Integer> ports) {}

  /** The peers that its snapshot restored, and what it counted. */
  record Result(int restored, Counts counts) {}

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
      Result restarted = run(third, file);
      Result fresh = run(third, folder.resolve("none"));
      Counts with = restarted.counts;
      Counts without = fresh.counts;
      out.printf("The first %.1f s after the restart:%n", third.toMillis() / 1e3);
      out.printf(ROW, "", "with snapshot", "without");
      row("peers known at the start", "%,d", restarted.restored, fresh.restored);
      row("failed sends", "%,d", with.failed(), without.failed());
      row("sends answered with \"busy\"", "%,d", with.busy(), without.busy());
      row("worker seconds lost to dead peers", "%,.1f", with.lostSeconds(), without.lostSeconds());
      row("replies", "%,d", with.served(), without.served());
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
    try (Reader json = client.inputReader(UTF_8)) {
      Result result = new Gson().fromJson(json, Result.class);
      if (client.waitFor() != 0) {
        throw new IOException("the client ended with " + client.exitValue());
      }
      return result;
    } finally {
      client.destroyForcibly();
    }
  }

  private Process start(Duration time, Duration longestDelay, Path file) throws IOException {
    Job job = new Job(
        file.toString(),
        time.toMillis(),
        longestDelay.toMillis(),
        options.workers,
        options.seed,
        fleet.peers().stream().map(peer -> peer.address().getPort()).toList());
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            RestartedClient.class.getName(),
            new Gson().toJson(job))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Not the property of that name, which is Maven's own where Maven runs the rehearsal. */
  private static String classPath() {
    return Stream.of(
            RestartedClient.class,
            ConcurrentBackoffTable.class,
            Caffeine.class,
            CommandLine.class,
            Gson.class)
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
