package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/**
 * How long it takes to record failures of known peers, in microseconds. One thread records in two
 * tables and pauses before each record, so that whatever else occupies the machine delays both
 * alike.
 */
record RecordLatency(DescriptiveStatistics busy, DescriptiveStatistics quiet) {
  private static final long PAUSE_NANOS = 20_000;

  /** Records this many failures in each table. */
  static RecordLatency measure(
      ConcurrentBackoffTable<String> busy,
      ConcurrentBackoffTable<String> quiet,
      String[] known,
      int records) {
    RecordLatency measured =
        new RecordLatency(new DescriptiveStatistics(), new DescriptiveStatistics());
    Random random = new Random(1);
    for (int i = -records / 10; i < records; i++) {
      if (i == 0) { // the first ones warm up
        measured.busy.clear();
        measured.quiet.clear();
      }
      String peer = known[Math.max(0, i) % known.length];
      boolean busyFirst = random.nextBoolean();
      if (busyFirst) {
        measured.busy.addValue(micros(busy, peer));
      }
      measured.quiet.addValue(micros(quiet, peer));
      if (!busyFirst) {
        measured.busy.addValue(micros(busy, peer));
      }
    }
    return measured;
  }

  private static double micros(ConcurrentBackoffTable<String> table, String peer) {
    LockSupport.parkNanos(PAUSE_NANOS);
    long start = System.nanoTime();
    table.recordFailure(peer);
    return (System.nanoTime() - start) / 1e3;
  }

  /** The 99th percentile in the busy table divided by that in the quiet one. */
  double p99Ratio() {
    return busy.getPercentile(99) / quiet.getPercentile(99);
  }

  Map<String, Double> micros(String busyName, String quietName) {
    Map<String, Double> micros = new LinkedHashMap<>();
    micros(busy, busyName, micros);
    micros(quiet, quietName, micros);
    return micros;
  }

  private static void micros(
      DescriptiveStatistics measured, String table, Map<String, Double> micros) {
    micros.put("p50, " + table + ", us", measured.getPercentile(50));
    micros.put("p99, " + table + ", us", measured.getPercentile(99));
    micros.put("maximum, " + table + ", us", measured.getMax());
  }
}
