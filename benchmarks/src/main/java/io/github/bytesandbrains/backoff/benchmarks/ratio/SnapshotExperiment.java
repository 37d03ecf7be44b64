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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/**
 * How long it takes to save a table and to load it again, and what heap that needs. The heap is what a
 * full collection leaves at several moments of a save or a load, less the table's share.
 */
record SnapshotExperiment(Target save, Target load, Target heap, int peers) implements Experiment {
  private static final int RUNS = 5;
  private static final int LOOKS = 4;
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
    List<Double> saving = new ArrayList<>();
    Snapshots.save(table, looking(count, () -> saving.add(liveMib() - before)), file);

    ConcurrentBackoffTable<String> loaded = empty();
    List<Integer> sizes = new ArrayList<>();
    List<Double> loading = new ArrayList<>();
    UnaryOperator<String> peer = looking(
        count,
        () -> { // before the table has any of them
          sizes.add(loaded.size());
          loading.add(liveMib() - before);
        });
    load(loaded, peer, file, count);
    double tableMib = liveMib() - before;
    for (int i = 0; i < loading.size(); i++) {
      loading.set(i, loading.get(i) - tableMib * sizes.get(i) / loaded.size());
    }

    Map<String, Double> details = new LinkedHashMap<>();
    details.put("a save, MiB", Collections.max(saving));
    details.put("a load, MiB", Collections.max(loading));
    details.put("the table and its keys, MiB", tableMib);
    if (table.size() != loaded.size()) { // which also keeps both alive until here
      throw new IllegalStateException("not all was saved");
    }
    run.add(heap, Math.max(Collections.max(saving), Collections.max(loading)), details);
  }

  /** Looks several times in that many calls, the last time in the last call. */
  private static UnaryOperator<String> looking(int calls, Runnable look) {
    int[] call = {0};
    return name -> {
      if (++call[0] % (calls / LOOKS) == 0) {
        look.run();
      }
      return name;
    };
  }

  private static double liveMib() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB;
  }
}
