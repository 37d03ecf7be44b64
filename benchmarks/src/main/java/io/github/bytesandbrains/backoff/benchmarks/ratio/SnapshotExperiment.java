package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.snapshot.Snapshots;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/**
 * How long it takes to save a table and to load it again, and what heap that needs. The heap is
 * the most that a full collection leaves at several moments: of a save, beyond what there was
 * before; of a load, beyond what there is at its end.
 */
record SnapshotExperiment(Target save, Target load, Target heap, int peers) implements Experiment {
  private static final int RUNS = 5;
  private static final int LOOKS = 8;
  private static final double MIB = 1 << 20;

  @Override
  public List<Target> targets() {
    return List.of(save, load, heap);
  }

  /** A table whose peers failed in the last minute, and which are cooling or due. */
  static ConcurrentBackoffTable<String> filled(String[] names) {
    ConcurrentBackoffTable<String> table = empty();
    Random random = new Random(1);
    for (int i = 0; i < names.length; i++) {
      long age = BackoffImpl.MAX_DELAY_NANOS / names.length * (names.length - i);
      long delay = random.nextLong(BackoffImpl.MAX_DELAY_NANOS);
      table.recordRemoteAdvisory(names[i], PeerSlice.SOON - age, delay);
    }
    return table;
  }

  private static ConcurrentBackoffTable<String> empty() {
    return ConcurrentBackoffTable.builder().nanoTime(() -> PeerSlice.SOON).build();
  }

  @Override
  public void run(Run run) throws Exception {
    int count = run.peers(peers);
    ConcurrentBackoffTable<String> table = filled(Peers.tracked(count));
    Path file = Files.createTempFile("peers", ".backoff");
    time(run, save, () -> {
      Snapshots.save(table, name -> name, file);
      return Map.of("size of the file, MB", Files.size(file) / 1e6);
    });
    time(run, load, () -> {
      load(empty(), name -> name, file, count);
      return Map.of();
    });
    heap(run, table, file, count);
    Files.delete(file);
  }

  private static void load(
      ConcurrentBackoffTable<String> table, UnaryOperator<String> peer, Path file, int expected)
      throws IOException {
    if (Snapshots.load(table, peer, file) != expected || table.size() != expected) {
      throw new IllegalStateException("loaded: " + table.size() + " (expected: " + expected + ")");
    }
  }

  /** Judges the best of several runs: other work on the machine only lengthens a run. */
  private static void time(Run run, Target target, Callable<Map<String, Double>> work)
      throws Exception {
    double[] seconds = new double[RUNS];
    Map<String, Double> details = new LinkedHashMap<>();
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      Map<String, Double> found = work.call();
      seconds[i] = (System.nanoTime() - start) / 1e9;
      details.putIfAbsent("the first of its JVM", seconds[0]);
      details.putAll(found);
    }
    run.add(target, Arrays.stream(seconds).min().orElseThrow(), details);
  }

  private void heap(Run run, ConcurrentBackoffTable<String> table, Path file, int count)
      throws IOException {
    double before = liveMib();
    Peak saving = new Peak(count);
    Snapshots.save(
        table,
        name -> {
          saving.called();
          return name;
        },
        file);

    Peak loading = new Peak(2 * count); // calls: for each name, then for the time of each restore
    ConcurrentBackoffTable<String> loaded = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          loading.called();
          return PeerSlice.SOON;
        })
        .build();
    UnaryOperator<String> peer = name -> {
      loading.called();
      return name;
    };
    load(loaded, peer, file, count);
    double after = liveMib();

    Map<String, Double> details = new LinkedHashMap<>();
    details.put("a save, MiB", saving.mib - before);
    details.put("a load, MiB", loading.mib - after);
    details.put("the table and its keys, MiB", after - before);
    if (table.size() != loaded.size()) { // which also keeps both alive until here
      throw new IllegalStateException("not all was saved");
    }
    run.add(heap, Math.max(saving.mib - before, loading.mib - after), details);
  }

  /** The largest live heap at several moments of that many calls, the last one included. */
  private static final class Peak {
    private final int callsPerLook;
    private int calls;
    private double mib;

    Peak(int calls) {
      callsPerLook = calls / LOOKS;
    }

    void called() {
      if (++calls % callsPerLook == 0) {
        mib = Math.max(mib, liveMib());
      }
    }
  }

  private static double liveMib() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB;
  }
}
