package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.snapshot.Snapshots;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How long the slowest records of known peers take while another thread saves their table, again
 * and again, compared with records in a table that is not saved, at the same time.
 */
record SnapshotLatency(Target target, int peers) implements Experiment.Single {
  private static final int KNOWN_PEERS = 1_000;
  private static final int RECORDS_A_SLICE = 20;

  @Override
  public void run(Run run) throws Exception {
    String[] names = Peers.tracked(run.peers(peers));
    String[] known = Arrays.copyOf(Peers.Order.SHUFFLED.of(names), KNOWN_PEERS);
    ConcurrentBackoffTable<String> table = SnapshotExperiment.filled(names);
    ConcurrentBackoffTable<String> another = SnapshotExperiment.filled(names);
    int records = run.slices() * RECORDS_A_SLICE;
    RecordLatency without = RecordLatency.measure(table, another, known, records);
    AtomicBoolean measured = new AtomicBoolean();
    ExecutorService saver = Executors.newSingleThreadExecutor();
    Future<Integer> saves = saver.submit(() -> saveUntil(measured, table));
    RecordLatency latency = RecordLatency.measure(table, another, known, records);
    measured.set(true);
    saver.shutdown();
    Map<String, Double> details = new LinkedHashMap<>();
    details.put("saves", (double) saves.get());
    details.putAll(latency.micros("saved", "another"));
    details.putAll(without.micros("before the saves", "another, before the saves"));
    run.add(target, latency.p99Ratio(), details);
  }

  /** Returns the number of saves, at least one. */
  private static int saveUntil(AtomicBoolean end, ConcurrentBackoffTable<String> table)
      throws Exception {
    Path file = Files.createTempFile("peers", ".backoff");
    int saves = 0;
    do {
      Snapshots.save(table, name -> name, file);
      saves++;
    } while (!end.get());
    Files.delete(file);
    return saves;
  }
}
