package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotExampleTest {
  @TempDir
  private Path folder;

  private final ScheduledThreadPoolExecutor scheduler =
      (ScheduledThreadPoolExecutor) Executors.newScheduledThreadPool(1);

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  private ConcurrentBackoffTable<String> restart(Path file) {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    new SnapshotExample(table, file).start(scheduler);
    return table;
  }

  @Test
  void close_thenStart_continuesWhereItWas() {
    Path file = folder.resolve("peers.backoff");
    ConcurrentBackoffTable<String> table = restart(file);
    table.recordRemoteAdvisory("p", Duration.ofSeconds(50));
    new SnapshotExample(table, file).close();

    ConcurrentBackoffTable<String> next = restart(file);

    assertThat(next.shouldRetry("p")).isFalse();
    assertThat(next.remaining("p")).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(50));
    assertThat(scheduler.getQueue()).as("saves that are scheduled").hasSize(2);
  }

  @Test
  void start_brokenFileOrMissingFolder_startsWithout() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken"), "nonsense");

    assertThat(restart(broken).isEmpty()).isTrue();
    new SnapshotExample(ConcurrentBackoffTable.create(), folder.resolve("a/b")).save();

    assertThat(broken).hasContent("nonsense");
  }
}
