package io.github.bytesandbrains.backoff.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed as they save, and disks that are full: the file stays whole. */
final class SnapshotCrashTest {
  private static final int KILLS = Integer.getInteger("snapshot.kills", 5);
  private static final int PEERS = 20_000;

  @TempDir
  private Path folder;

  /** Saves again and again; each snapshot has one number of attempts for all of its peers. */
  static final class Saver {
    private Saver() {}

    public static void main(String[] args) throws IOException {
      Path file = Path.of(args[0]);
      ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
      for (int attempts = 1; ; attempts++) {
        long now = table.nanoTime();
        for (int i = 0; i < PEERS; i++) {
          table.restoreState("peer-" + i, new BackoffState(attempts, now, Long.MAX_VALUE));
        }
        Snapshots.save(table, name -> name, file);
        System.out.println("saved"); // the parent's signal
      }
    }
  }

  private static List<String> saver(Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        Saver.class.getName(),
        file.toString());
  }

  private static void assertWhole(Path file) throws IOException {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    assertThat(Snapshots.load(table, name -> name, file, Clock.systemUTC(), Duration.ZERO))
        .isEqualTo(PEERS);
    assertThat(table.snapshot().values().stream().map(BackoffState::attempts).distinct())
        .hasSize(1);
  }

  @Test
  void save_processKilledAtRandomMoments_fileIsWholeEachTime() throws Exception {
    Path file = folder.resolve("peers.backoff");
    for (int kill = 0; kill < KILLS; kill++) {
      Process child = new ProcessBuilder(saver(file))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
      try (var out = child.inputReader()) {
        assertThat(out.readLine()).isEqualTo("saved");
        boolean ended =
            child.waitFor(ThreadLocalRandom.current().nextLong(60_000_000), TimeUnit.NANOSECONDS);
        assertThat(ended).as("ended by itself").isFalse();
      } finally {
        child.destroyForcibly().waitFor();
      }
      assertWhole(file);
    }
    ConcurrentBackoffTable<String> empty = ConcurrentBackoffTable.create();
    Snapshots.save(empty, name -> name, file);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("what the killed processes left").containsExactly(file);
    }
  }

  @Test
  void save_noSpaceLeft_keepsTheOldFileAndLeavesNothing() throws Exception {
    assumeThat(Path.of("/bin/bash")).isExecutable();
    Path file = folder.resolve("peers.backoff");
    Files.writeString(file, "old");
    // A limit of the size of a file stands for a full disk: a write in mid-file fails.
    List<String> command =
        new ArrayList<>(List.of("/bin/bash", "-c", "ulimit -f 100; exec \"$@\""));
    command.add("saver");
    command.addAll(saver(file));

    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(child.getInputStream().readAllBytes(), UTF_8);

    assertThat(child.waitFor()).as(output).isEqualTo(1);
    assertThat(output).contains("IOException").contains("File too large");
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }
}
