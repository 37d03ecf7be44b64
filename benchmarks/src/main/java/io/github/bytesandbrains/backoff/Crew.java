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
  private static final int SPINS = 10_000;

  private final ExecutorService threads;

  Crew(int threads) {
    this.threads = Executors.newFixedThreadPool(threads);
  }

  private record Time(long startNanos, long endNanos) {}

  /** How long it takes until each work has done so many operations, each in a thread of its own. */
  long nanos(List<Work> works, int operations) {
    AtomicInteger arrived = new AtomicInteger();
    List<Future<Time>> times = new ArrayList<>();
    for (Work work : works) {
      times.add(threads.submit(() -> {
        arrived.incrementAndGet();
        for (int i = 0; arrived.get() < works.size(); i++) {
          if (i < SPINS) {
            Thread.onSpinWait();
          } else {
            Thread.yield(); // there may be fewer processors than threads
          }
        }
        long start = System.nanoTime();
        if (work.run(operations) == Long.MIN_VALUE) {
          throw new IllegalStateException("an impossible checksum");
        }
        return new Time(start, System.nanoTime());
      }));
    }
    long start = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    try {
      for (Future<Time> time : times) {
        start = Math.min(start, time.get().startNanos());
        end = Math.max(end, time.get().endNanos());
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return end - start;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
