package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.NewPeerWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * How long the slowest records of known peers take while threads flood their table, compared with
 * records in another table at the same time. One thread records in both and pauses before each record,
 * so that whatever else occupies the machine delays both alike.
 */
record FloodLatency(Target target) implements Experiment {
  private static final int KNOWN_PEERS = 1_000;
  private static final int FLOODING_THREADS = 8;
  private static final int FAILURES = 20;
  private static final int RECORDS_A_SLICE = 10;
  private static final long PAUSE_NANOS = 20_000;
  private static final double NANOS_A_MICRO = 1_000;

  @Override
  public List<Target> targets() {
    return List.of(target);
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    String[] known = Peers.strangers(KNOWN_PEERS); // the flood consists of the others
    ConcurrentBackoffTable<String> flooded = NewPeerWorkload.boundedTable();
    ConcurrentBackoffTable<String> quiet = NewPeerWorkload.boundedTable();
    record(flooded, known);
    record(quiet, known);
    int records = settings.slices() * RECORDS_A_SLICE;
    double[] floodedNanos = new double[records];
    double[] quietNanos = new double[records];
    List<Thread> threads = flood(flooded);
    Random random = new Random(1);
    for (int i = -records / 10; i < records; i++) { // the first ones warm up
      int at = Math.max(0, i);
      String peer = known[at % known.length];
      boolean first = random.nextBoolean();
      if (first) {
        floodedNanos[at] = nanos(flooded, peer);
      }
      quietNanos[at] = nanos(quiet, peer);
      if (!first) {
        floodedNanos[at] = nanos(flooded, peer);
      }
    }
    threads.forEach(Thread::interrupt);
    if (flooded.state(known[0]).orElseThrow().attempts() <= FAILURES) {
      throw new IllegalStateException("the flood made the table forget a known peer");
    }
    Map<String, Double> micros = new LinkedHashMap<>();
    double ratio = p99(floodedNanos, "flooded", micros) / p99(quietNanos, "another", micros);
    samples.accept(Sample.of(target, new double[] {ratio}, micros));
  }

  private static void record(ConcurrentBackoffTable<String> table, String[] known) {
    for (int i = 0; i < FAILURES * known.length; i++) {
      table.recordFailure(known[i % known.length]);
    }
  }

  private static double nanos(ConcurrentBackoffTable<String> table, String peer) {
    LockSupport.parkNanos(PAUSE_NANOS);
    long start = System.nanoTime();
    table.recordFailure(peer);
    return System.nanoTime() - start;
  }

  /** Starts a flood that lasts until its threads are interrupted; returns once the table is full. */
  private static List<Thread> flood(ConcurrentBackoffTable<String> table) {
    String[] peers = Peers.tracked(NewPeerWorkload.FLOOD);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < FLOODING_THREADS; i++) {
      int from = i * (peers.length / FLOODING_THREADS);
      threads.add(new Thread(() -> {
        for (int at = from; !Thread.currentThread().isInterrupted(); at++) {
          table.recordFailure(peers[at % peers.length]);
        }
      }));
    }
    threads.forEach(Thread::start);
    while (table.size() < NewPeerWorkload.BOUND) {
      Thread.onSpinWait();
    }
    return threads;
  }

  private static double p99(double[] nanos, String table, Map<String, Double> micros) {
    double[] sorted = nanos.clone();
    Arrays.sort(sorted);
    double p99 = sorted[sorted.length * 99 / 100];
    micros.put("p50, " + table + ", us", sorted[sorted.length / 2] / NANOS_A_MICRO);
    micros.put("p99, " + table + ", us", p99 / NANOS_A_MICRO);
    micros.put("maximum, " + table + ", us", sorted[sorted.length - 1] / NANOS_A_MICRO);
    return p99;
  }
}
