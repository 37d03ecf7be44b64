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
 * <p>A registry does not say when a scrape begins. But a scrape reads each gauge once. So a gauge
 * that asks for the second time is in the next scrape, and the table is walked again. A walk that
 * some gauge has not read yet is too old after a second.
 *
 * <p>A walk skips idle peers instead of evicting them, because a clean-up visits every peer several
 * times. Now and then a scrape does clean up, or a table whose peers all fell silent would keep its
 * memory.
 */
final class Scrape<P> {
  private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MIN_CLEAN_UP_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Without it, an idle timeout of "never" would keep the keys of recovered peers forever. */
  private static final long MAX_CLEAN_UP_INTERVAL_NANOS = TimeUnit.HOURS.toNanos(1);

  private final ConcurrentBackoffTable<P> table;
  private final int topPeers;
  private final Consumer<List<P>> toTopPeers;
  private final long idleTimeoutNanos;
  private @Nullable Walk<P> latest;
  private long cleanedUpNanos;

  /** Each walk hands over the peers that must wait longest, {@code topPeers} of them at most. */
  Scrape(ConcurrentBackoffTable<P> table, int topPeers, Consumer<List<P>> toTopPeers) {
    this.table = table;
    this.topPeers = topPeers;
    this.toTopPeers = toTopPeers;
    idleTimeoutNanos = table.idleTimeout().toNanos();
  }

  /** A gauge that reads {@code figure}, once from each walk. */
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
    if (walk == null || walk == read || now < walk.now || elapsed(walk.now, now) > OLD_NANOS) {
      cleanUp(now);
      walk = new Walk<>(now, idleTimeoutNanos, topPeers);
      table.forEach(walk::add);
      latest = walk;
      toTopPeers.accept(walk.top());
    }
    return walk;
  }

  /** Cleans up at the first walk, and then if the last clean-up was long ago. */
  private void cleanUp(long now) {
    if (latest != null && now < cleanedUpNanos) {
      cleanedUpNanos = now; // the clock was set back
    }
    long intervalNanos = Math.max(
        MIN_CLEAN_UP_INTERVAL_NANOS, Math.min(idleTimeoutNanos, MAX_CLEAN_UP_INTERVAL_NANOS));
    if (latest == null || elapsed(cleanedUpNanos, now) >= intervalNanos) {
      cleanedUpNanos = now;
      table.cleanUp(now);
    }
  }

  /** The time from {@code since} to {@code now}, which is not before it; saturated. */
  private static long elapsed(long since, long now) {
    long difference = now - since;
    return difference < 0 ? Long.MAX_VALUE : difference;
  }

  /** What one traversal finds. */
  static final class Walk<P> {
    private final long now;
    private final long idleTimeoutNanos;
    private final int topPeers;
    private final PriorityQueue<Waiting<P>> top = new PriorityQueue<>(); // shortest delay first
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

    private Walk(long now, long idleTimeoutNanos, int topPeers) {
      this.now = now;
      this.idleTimeoutNanos = idleTimeoutNanos;
      this.topPeers = topPeers;
    }

    private void add(P peer, BackoffState state) {
      if (isIdle(state)) {
        return;
      }
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

    /** Whether the peer is as good as forgotten; never if the idle timeout means "never". */
    private boolean isIdle(BackoffState state) {
      return idleTimeoutNanos != Long.MAX_VALUE
          && now >= state.nextRetryNanos()
          && elapsed(state.nextRetryNanos(), now) >= idleTimeoutNanos;
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
