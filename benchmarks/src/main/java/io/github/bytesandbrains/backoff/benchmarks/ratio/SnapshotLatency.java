package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * How long the slowest records of known peers take while another thread saves their table, again and
 * again, compared with records in a table that is not saved, at the same time.
 */
record SnapshotLatency(Target target, int peers) implements Experiment {
  private static final int KNOWN_PEERS = 1_000;
  private static final int RECORDS_A_SLICE = 20;

  @Override
  public List<Target> targets() {
    return List.of(target);
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    String[] names = Peers.tracked(settings.peers(peers));
    String[] known = Arrays.copyOf(Peers.Order.SHUFFLED.of(names), KNOWN_PEERS);
    ConcurrentBackoffTable<String> table = SnapshotExperiment.filled(names);
    ConcurrentBackoffTable<String> another = SnapshotExperiment.filled(names);
    int records = settings.slices() * RECORDS_A_SLICE;
    RecordLatency without = RecordLatency.measure(table, another, known, records);
    AtomicBoolean measured = new AtomicBoolean();
    CompletableFuture<Integer> saves =
        CompletableFuture.supplyAsync(() -> saveUntil(measured, table));
    RecordLatency latency;
    try {
      latency = RecordLatency.measure(table, another, known, records);
    } finally {
      measured.set(true);
    }
    Map<String, Double> details = new LinkedHashMap<>();
    details.put("saves", (double) saves.join());
    details.putAll(latency.micros("saved", "another"));
    details.putAll(without.micros("before the saves", "another, before the saves"));
    samples.accept(Sample.of(target, new double[] {latency.p99Ratio()}, details));
  }

  /** Returns the number of saves, at least one. */
  private static int saveUntil(AtomicBoolean end, ConcurrentBackoffTable<String> table) {
    try {
      Path file = Files.createTempFile("peers", ".backoff");
      try {
        int saves = 0;
        do {
          SnapshotExperiment.save(table, name -> name, file);
          saves++;
        } while (!end.get());
        return saves;
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
