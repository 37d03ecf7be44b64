package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What the table knows survives a restart: it is loaded at the start, saved every 30 seconds and at
 * the end. A snapshot that cannot be read or saved costs what was learned, and nothing else.
 */
final class SnapshotExample implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger("snapshot");
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final ConcurrentBackoffTable<String> table;
  private final Path file;

  SnapshotExample(ConcurrentBackoffTable<String> table, Path file) {
    this.table = table;
    this.file = file;
  }

  // quoted
  void start(ScheduledExecutorService scheduler) {
    try {
      if (Files.exists(file)) {
        Snapshots.load(table, name -> name, file);
      }
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.WARNING, "Starting without a snapshot", e);
    }
    var unused = scheduler.scheduleWithFixedDelay(
        this::save, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
  }

  void save() {
    try {
      Snapshots.save(table, peer -> peer, file);
    } catch (IOException | RuntimeException e) { // an exception would end the schedule
      LOGGER.log(System.Logger.Level.WARNING, "The snapshot was not saved", e);
    }
  }

  @Override
  public void close() {
    save();
  }
  // end
}
