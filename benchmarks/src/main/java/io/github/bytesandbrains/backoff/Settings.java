package io.github.bytesandbrains.backoff;

import java.util.concurrent.TimeUnit;

/**
 * How much is measured.
 *
 * @param slices the pairs of neighbouring slices of a row
 * @param sliceNanos how long a slice takes, about
 * @param warmUpNanos the CPU time that a row's works run before they are measured, at least
 * @param mostPeers rows about more peers take so many
 */
record Settings(int slices, long sliceNanos, long warmUpNanos, int mostPeers) {
  private static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final int QUICK_SLICES = 11;
  private static final int QUICK_PEERS = 2_000;

  static Settings judged(int slices) {
    return new Settings(slices, SLICE_NANOS, TimeUnit.MILLISECONDS.toNanos(600), Integer.MAX_VALUE);
  }

  /** For a run that only shows that every row can be measured. */
  static Settings quick() {
    return new Settings(QUICK_SLICES, SLICE_NANOS, TimeUnit.MILLISECONDS.toNanos(10), QUICK_PEERS);
  }

  int peers(int wanted) {
    return Math.min(wanted, mostPeers);
  }
}
