package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes to record failures of known peers. One thread records in two tables and pauses
 * before each record, so that whatever else occupies the machine delays both alike.
 */
final class RecordLatency {
  private static final long PAUSE_NANOS = 20_000;
  private static final double NANOS_A_MICRO = 1_000;

  private final double[] busy;
  private final double[] quiet;

  private RecordLatency(int records) {
    busy = new double[records];
    quiet = new double[records];
  }

  /** Records this many failures in each table. */
  static RecordLatency measure(
      ConcurrentBackoffTable<String> busy,
      ConcurrentBackoffTable<String> quiet,
      String[] known,
      int records) {
    RecordLatency measured = new RecordLatency(records);
    Random random = new Random(1);
    for (int i = -records / 10; i < records; i++) { // the first ones warm up
      int at = Math.max(0, i);
      String peer = known[at % known.length];
      boolean first = random.nextBoolean();
      if (first) {
        measured.busy[at] = nanos(busy, peer);
      }
      measured.quiet[at] = nanos(quiet, peer);
      if (!first) {
        measured.busy[at] = nanos(busy, peer);
      }
    }
    Arrays.sort(measured.busy);
    Arrays.sort(measured.quiet);
    return measured;
  }

  private static double nanos(ConcurrentBackoffTable<String> table, String peer) {
    LockSupport.parkNanos(PAUSE_NANOS);
    long start = System.nanoTime();
    table.recordFailure(peer);
    return System.nanoTime() - start;
  }

  /** The 99th percentile in the busy table divided by that in the quiet one. */
  double p99Ratio() {
    return p99(busy) / p99(quiet);
  }

  private static double p99(double[] sorted) {
    return sorted[sorted.length * 99 / 100];
  }

  /** Both tables, in microseconds. */
  Map<String, Double> micros(String busyName, String quietName) {
    Map<String, Double> micros = new LinkedHashMap<>();
    micros(busy, busyName, micros);
    micros(quiet, quietName, micros);
    return micros;
  }

  private static void micros(double[] sorted, String table, Map<String, Double> micros) {
    micros.put("p50, " + table + ", us", sorted[sorted.length / 2] / NANOS_A_MICRO);
    micros.put("p99, " + table + ", us", p99(sorted) / NANOS_A_MICRO);
    micros.put("maximum, " + table + ", us", sorted[sorted.length - 1] / NANOS_A_MICRO);
  }
}
