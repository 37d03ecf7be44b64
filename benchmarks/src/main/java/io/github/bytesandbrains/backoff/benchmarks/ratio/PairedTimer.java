package io.github.bytesandbrains.backoff.benchmarks.ratio;

import com.sun.management.ThreadMXBean;
import io.github.bytesandbrains.backoff.benchmarks.report.Quartiles;
import io.github.bytesandbrains.backoff.benchmarks.report.Result.Cost;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * Compares two workloads on a noisy machine. Slices of one and of the other alternate, each so
 * short that what disturbs the machine disturbs both, or one pair among thousands. Each pair of
 * neighbors gives a ratio; which one comes first is random. The median of the ratios counts.
 */
final class PairedTimer {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WARM_UP_OPERATIONS = 1_000;
  private static final int MIN_OPERATIONS = 50;
  private static final int TRIALS = 51;

  private final Settings settings;
  private final Random random = new Random(1);
  private long checksum;

  PairedTimer(Settings settings) {
    this.settings = settings;
  }

  /** The time of each slice, and the bytes that all slices allocated. */
  private static final class Side {
    private final Workload workload;
    private final int operations;
    private final double[] nanos;
    private long bytes;

    Side(Workload workload, int operations, int slices) {
      this.workload = workload;
      this.operations = operations;
      this.nanos = new double[slices];
    }

    Cost cost() {
      double slices = nanos.length;
      return new Cost(Quartiles.of(nanos).median() / operations, bytes / slices / operations);
    }
  }

  /**
   * Compares workloads that do many operations in a slice.
   *
   * @param lap the operations after which a workload begins again, all done once before timing
   */
  Sample compare(Target target, Workload ours, Workload theirs, int lap) {
    warmUp(ours, theirs, lap);
    Side a = new Side(ours, WARM_UP_OPERATIONS, TRIALS);
    Side b = new Side(theirs, WARM_UP_OPERATIONS, TRIALS);
    measure(a, b);
    double nanos = Math.sqrt(a.cost().nanos() * b.cost().nanos());
    long operations =
        Math.max(MIN_OPERATIONS, Math.min(lap / 4, (long) (settings.sliceNanos() / nanos)));
    return compare(target, ours, theirs, (int) operations, settings.slices());
  }

  /** Compares workloads by this many slices of this many operations. */
  Sample compare(Target target, Workload ours, Workload theirs, int operations, int slices) {
    Side a = new Side(ours, operations, slices);
    Side b = new Side(theirs, operations, slices);
    System.gc();
    measure(a, b);
    if (checksum == 0) {
      throw new IllegalStateException("nothing was done");
    }
    double[] ratios = new double[slices];
    Arrays.setAll(ratios, i -> a.nanos[i] / b.nanos[i]);
    return new Sample(target.name(), ratios, a.cost(), b.cost(), Map.of());
  }

  private void warmUp(Workload ours, Workload theirs, int lap) {
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

  /** Begins with an untimed slice: what the other left in the caches is not this one's cost. */
  private void slice(Side side, int index) {
    checksum += side.workload.run(side.operations);
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    checksum += side.workload.run(side.operations);
    side.nanos[index] = System.nanoTime() - start;
    side.bytes += THREADS.getCurrentThreadAllocatedBytes() - bytes;
  }
}
