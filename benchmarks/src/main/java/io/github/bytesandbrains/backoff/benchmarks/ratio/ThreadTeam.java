package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that begin their workloads together. */
record ThreadTeam(ExecutorService threads) implements AutoCloseable {
  private static final int SPINS = 100_000;

  ThreadTeam(int threads) {
    this(Executors.newFixedThreadPool(threads));
  }

  private record Span(long startNanos, long endNanos) {}

  /**
   * How long it takes until all workloads have done this many operations, each in its own thread.
   */
  double nanos(List<Workload> workloads, int operations) throws Exception {
    AtomicInteger arrived = new AtomicInteger();
    List<Future<Span>> spans = new ArrayList<>();
    for (Workload workload : workloads) {
      spans.add(threads.submit(() -> {
        arrived.incrementAndGet();
        for (int i = 0; arrived.get() < workloads.size(); i++) {
          if (i < SPINS) {
            Thread.onSpinWait();
          } else {
            Thread.yield(); // there may be fewer processors than threads
          }
        }
        long start = System.nanoTime();
        if (workload.run(operations) == Long.MIN_VALUE) {
          throw new IllegalStateException("an impossible checksum");
        }
        return new Span(start, System.nanoTime());
      }));
    }
    long start = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (Future<Span> span : spans) {
      start = Math.min(start, span.get().startNanos());
      end = Math.max(end, span.get().endNanos());
    }
    return end - start;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
