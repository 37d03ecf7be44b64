package io.github.bytesandbrains.backoff.benchmarks.report;

import java.util.concurrent.TimeUnit;

/**
 * How much is measured.
 *
 * @param slices the pairs of neighboring slices per row and JVM
 * @param sliceNanos how long a slice takes, roughly
 * @param warmUpNanos the CPU time for which the workloads of a row run before they are measured
 * @param mostPeers the bound of the number of peers
 */
public record Settings(int slices, long sliceNanos, long warmUpNanos, int mostPeers) {
  private static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  public static Settings judged(int slices) {
    return new Settings(slices, SLICE_NANOS, TimeUnit.MILLISECONDS.toNanos(600), Integer.MAX_VALUE);
  }

  /** For a run that only shows that every row can be measured. */
  public static Settings quick() {
    return new Settings(11, SLICE_NANOS, TimeUnit.MILLISECONDS.toNanos(10), 2_000);
  }

  public int peers(int wanted) {
    return Math.min(wanted, mostPeers);
  }
}
