package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that begin their works together. */
final class Crew implements AutoCloseable {
  private static final int SPINS = 100_000;

  private final ExecutorService threads;

  Crew(int threads) {
    this.threads = Executors.newFixedThreadPool(threads);
  }

  private record Shift(long startNanos, long endNanos) {}

  /** How long it takes until all works have done so many operations, each in a thread of its own. */
  double nanos(List<Work> works, int operations) {
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
      long start = Long.MAX_VALUE;
      long end = Long.MIN_VALUE;
      for (Future<Shift> shift : shifts) {
        start = Math.min(start, shift.get().startNanos());
        end = Math.max(end, shift.get().endNanos());
      }
      return end - start;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Shift shift(Work work, int operations) {
    long start = System.nanoTime();
    if (work.run(operations) == Long.MIN_VALUE) {
      throw new IllegalStateException("an impossible checksum");
    }
    return new Shift(start, System.nanoTime());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
