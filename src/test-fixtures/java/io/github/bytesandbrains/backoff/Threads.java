package io.github.bytesandbrains.backoff;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a task on several threads that start together. */
public final class Threads {
  private Threads() {}

  /** What each thread runs. Threads are numbered from 0. */
  public interface Task {
    void run(int thread) throws Exception;
  }

  /** Returns when all threads have ended. Throws what one of them threw. */
  public static void race(int threads, Task task) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    ExecutorCompletionService<Void> ended = new ExecutorCompletionService<>(pool);
    try {
      for (int i = 0; i < threads; i++) {
        int thread = i;
        ended.submit(() -> {
          start.await();
          task.run(thread);
          return null;
        });
      }
      for (int i = 0; i < threads; i++) {
        Future<Void> next = ended.poll(10, TimeUnit.MINUTES);
        if (next == null) {
          throw new TimeoutException(threads - i + " threads have not ended");
        }
        next.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      pool.shutdownNow();
    }
  }
}
