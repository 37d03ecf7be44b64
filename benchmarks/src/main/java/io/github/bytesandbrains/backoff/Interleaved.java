package io.github.bytesandbrains.backoff;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * Compares two works on a noisy machine: slices of one and of the other by turns, each so short that
 * what disturbs the machine disturbs both, or one pair among thousands. The ratio is taken of each
 * pair of neighbours, which comes first is drawn, and the median of the ratios counts.
 */
final class Interleaved {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WARM_UP_OPERATIONS = 1_000;
  private static final int LEAST_OPERATIONS = 50;
  private static final int TRIALS = 51;

  private final Settings settings;
  private final Random random = new Random(1);
  private long checksum;

  Interleaved(Settings settings) {
    this.settings = settings;
  }

  /** What was measured: each slice's time, and the bytes that all slices allocated. */
  static final class Side {
    private final Work work;
    private final int operations;
    final double[] nanos;
    private long bytes;

    private Side(Work work, int operations, int slices) {
      this.work = work;
      this.operations = operations;
      this.nanos = new double[slices];
    }

    Sample.Cost cost() {
      double slices = nanos.length;
      return new Sample.Cost(Spread.of(nanos).median() / operations, bytes / slices / operations);
    }
  }

  /**
   * Compares works of which the machine does many in a slice.
   *
   * @param lap the operations after which a work begins again, all done once before the clock runs
   */
  Sample compare(Row row, Work ours, Work theirs, int lap) {
    warmUp(ours, theirs, lap);
    Side a = new Side(ours, WARM_UP_OPERATIONS, TRIALS);
    Side b = new Side(theirs, WARM_UP_OPERATIONS, TRIALS);
    measure(a, b);
    double nanos = Math.sqrt(a.cost().nanos() * b.cost().nanos());
    long operations =
        Math.max(LEAST_OPERATIONS, Math.min(lap / 4, (long) (settings.sliceNanos() / nanos)));
    return compare(row, ours, theirs, (int) operations, settings.slices());
  }

  /** Compares works that are done so often in each of so many slices. */
  Sample compare(Row row, Work ours, Work theirs, int operations, int slices) {
    Side a = new Side(ours, operations, slices);
    Side b = new Side(theirs, operations, slices);
    System.gc();
    measure(a, b);
    if (checksum == 0) {
      throw new IllegalStateException("nothing was done");
    }
    return Sample.of(row, a, b);
  }

  private void warmUp(Work ours, Work theirs, int lap) {
    long start = THREADS.getCurrentThreadCpuTime();
    for (int done = 0;
        done < lap || THREADS.getCurrentThreadCpuTime() - start < settings.warmUpNanos();
        done += WARM_UP_OPERATIONS) {
      checksum += ours.run(WARM_UP_OPERATIONS) + theirs.run(WARM_UP_OPERATIONS) + 1;
    }
  }

  private void measure(Side a, Side b) {
    for (int i = 0; i < a.nanos.length; i++) {
      boolean first = random.nextBoolean();
      slice(first ? a : b, i);
      slice(first ? b : a, i);
    }
  }

  /** Begins with as much that is not measured: what the other left in the caches is not this one's cost. */
  private void slice(Side side, int index) {
    checksum += side.work.run(side.operations);
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    checksum += side.work.run(side.operations);
    side.nanos[index] = System.nanoTime() - start;
    side.bytes += THREADS.getCurrentThreadAllocatedBytes() - bytes;
  }
}
