package io.github.bytesandbrains.backoff.micrometer;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
final class Scrape<P> {
  private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ConcurrentBackoffTable<P> table;
  private final int topPeers;
  private final Consumer<List<P>> toTopPeers;
  private @Nullable Walk<P> latest;

  /** Each walk finds the peers that must wait longest, so many at most, and hands them over. */
  Scrape(ConcurrentBackoffTable<P> table, int topPeers, Consumer<List<P>> toTopPeers) {
    this.table = table;
    this.topPeers = topPeers;
    this.toTopPeers = toTopPeers;
  }

  /** A gauge that reads {@code figure}, of each walk once. */
  Supplier<Number> gauge(ToDoubleFunction<Walk<P>> figure) {
    return new Supplier<>() {
      private @Nullable Walk<P> read;

      @Override
      public Number get() {
        synchronized (Scrape.this) {
          read = walkAfter(read);
          return figure.applyAsDouble(read);
        }
      }
    };
  }

  private Walk<P> walkAfter(@Nullable Walk<P> read) {
    long now = table.nanoTime();
    Walk<P> walk = latest;
    if (walk == null || walk == read || now < walk.now || now - walk.now > OLD_NANOS) {
      table.cleanUp(now);
      walk = new Walk<>(now, topPeers);
      table.forEach(walk::add);
      latest = walk;
      toTopPeers.accept(walk.top());
    }
    return walk;
  }

  /** What one traversal finds. */
  static final class Walk<P> {
    private final long now;
    private final int topPeers;
    private final PriorityQueue<Waiting<P>> top = new PriorityQueue<>(); // its head goes first
    private long tracked;
    private long cooling;
    private long longestNanos;
    private double totalNanos; // a sum of saturated delays would overflow a long

    private record Waiting<P>(P peer, long nextRetryNanos) implements Comparable<Waiting<P>> {
      @Override
      public int compareTo(Waiting<P> other) {
        return Long.compare(nextRetryNanos, other.nextRetryNanos);
      }
    }

    private Walk(long now, int topPeers) {
      this.now = now;
      this.topPeers = topPeers;
    }

    private void add(P peer, BackoffState state) {
      tracked++;
      long remainingNanos = state.remainingNanos(now);
      if (remainingNanos > 0) {
        cooling++;
        longestNanos = Math.max(longestNanos, remainingNanos);
        totalNanos += remainingNanos;
        if (topPeers > 0) {
          addToTop(peer, state.nextRetryNanos());
        }
      }
    }

    private void addToTop(P peer, long nextRetryNanos) {
      Waiting<P> least = top.peek();
      if (least == null || top.size() < topPeers) {
        top.add(new Waiting<>(peer, nextRetryNanos));
      } else if (nextRetryNanos > least.nextRetryNanos()) {
        top.remove();
        top.add(new Waiting<>(peer, nextRetryNanos));
      }
    }

    /** The peers that must wait longest, the longest first. */
    private List<P> top() {
      return top.stream().sorted(Comparator.reverseOrder()).map(Waiting::peer).toList();
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
