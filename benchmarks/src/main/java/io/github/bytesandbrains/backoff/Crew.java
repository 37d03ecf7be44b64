package io.github.bytesandbrains.backoff;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that begin their works together. */
final class Crew implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int SPINS = 100_000;
  private static final double WHOLE = 0.98;

  private final ExecutorService threads;

  Crew(int threads) {
    this.threads = Executors.newFixedThreadPool(threads);
  }

  /**
   * How long it took until all works were done.
   *
   * @param undisturbed whether each thread had a processor all the time, from the beginning on
   */
  record Time(double nanos, boolean undisturbed) {}

  private record Shift(long startNanos, long endNanos, long processorNanos) {}

  /** Lets each work do so many operations, each in a thread of its own. */
  Time time(List<Work> works, int operations) {
    AtomicInteger arrived = new AtomicInteger();
    List<Future<Shift>> shifts = new ArrayList<>();
    for (Work work : works) {
      shifts.add(threads.submit(() -> {
        arrived.incrementAndGet();
        for (int i = 0; arrived.get() < works.size(); i++) {
          if (i < SPINS) {
            Thread.onSpinWait();
          } else {
            Thread.yield(); // there may be fewer processors than threads
          }
        }
        return shift(work, operations);
      }));
    }
    try {
      List<Shift> done = new ArrayList<>();
      for (Future<Shift> shift : shifts) {
        done.add(shift.get());
      }
      return time(done);
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Shift shift(Work work, int operations) {
    long processor = THREADS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    if (work.run(operations) == Long.MIN_VALUE) {
      throw new IllegalStateException("an impossible checksum");
    }
    long end = System.nanoTime();
    return new Shift(start, end, THREADS.getCurrentThreadCpuTime() - processor);
  }

  private static Time time(List<Shift> shifts) {
    long start = shifts.stream().mapToLong(Shift::startNanos).min().orElseThrow();
    long end = shifts.stream().mapToLong(Shift::endNanos).max().orElseThrow();
    double nanos = end - start;
    boolean undisturbed = shifts.stream()
        .allMatch(shift -> shift.startNanos() - start < (1 - WHOLE) * nanos
            && shift.processorNanos() > WHOLE * (shift.endNanos() - shift.startNanos()));
    return new Time(nanos, undisturbed);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
