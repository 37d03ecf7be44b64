package io.github.bytesandbrains.backoff.micrometer;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets all the gauges of a scrape share one traversal of the table.
 *
 * <p>A registry does not say when a scrape begins. But a scrape reads each gauge once, so that a
 * gauge that asks for the second time is in the next one, and the table is walked again. A walk
 * that some gauge has not read yet is too old after a second.
 */
final class Scrape {
  private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ConcurrentBackoffTable<?> table;
  private @Nullable Walk latest;

  Scrape(ConcurrentBackoffTable<?> table) {
    this.table = table;
  }

  /** A gauge that reads {@code figure}, of each walk once. */
  Supplier<Number> gauge(ToDoubleFunction<Walk> figure) {
    return new Supplier<>() {
      private @Nullable Walk read;

      @Override
      public Number get() {
        synchronized (Scrape.this) {
          read = walkAfter(read);
          return figure.applyAsDouble(read);
        }
      }
    };
  }

  private Walk walkAfter(@Nullable Walk read) {
    long now = table.nanoTime();
    Walk walk = latest;
    if (walk == null || walk == read || now < walk.now || now - walk.now > OLD_NANOS) {
      table.cleanUp(now);
      walk = new Walk(now);
      table.forEach(walk::add);
      latest = walk;
    }
    return walk;
  }

  /** What one traversal finds. */
  static final class Walk {
    private final long now;
    private long tracked;
    private long cooling;
    private long longestNanos;
    private double totalNanos; // a sum of saturated delays would overflow a long

    private Walk(long now) {
      this.now = now;
    }

    private void add(Object peer, BackoffState state) {
      tracked++;
      long remainingNanos = state.remainingNanos(now);
      if (remainingNanos > 0) {
        cooling++;
        longestNanos = Math.max(longestNanos, remainingNanos);
        totalNanos += remainingNanos;
      }
    }

    double tracked() {
      return tracked;
    }

    double cooling() {
      return cooling;
    }

    double longestNanos() {
      return longestNanos;
    }

    double meanNanos() {
      return cooling == 0 ? 0 : totalNanos / cooling;
    }
  }
}
