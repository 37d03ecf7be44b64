package io.github.bytesandbrains.backoff.benchmarks.sharing;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.github.bytesandbrains.backoff.redis.RedisSharingStats;
import io.lettuce.core.RedisClient;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in one JVM, each with a table and connections of its own. One thread looks at all tables, a
 * thousand times a second: a hold that other nodes cause is not reported to listeners.
 */
final class Nodes implements AutoCloseable {
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** As long as a peer is dead, each node tries it once per minute or more often. */
  private static final Duration DELAY = Duration.ofMinutes(1);

  /** Dead peers are due for this long at most before they are tried. */
  private static final int SWEEPS = 20;

  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<ConcurrentBackoffTable<String>> tables = new ArrayList<>();
  private final List<RedisSharing<String>> sharings = new ArrayList<>();
  private final long patienceNanos;
  private final LongStream.Builder pollGaps = LongStream.builder();
  private volatile boolean closed;
  private @Nullable Thread senders;

  /**
   * Starts nodes, and waits until they are connected.
   *
   * @param tableNames of each node; those with the same one share a table
   * @param patience how long to wait for a node that is to know something
   */
  Nodes(RedisClient client, List<String> tableNames, Duration patience) {
    patienceNanos = patience.toNanos();
    for (String tableName : tableNames) {
      ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
          .schedule(BackoffSchedule.exponential(DELAY, DELAY).withJitter(Jitter.equal()))
          .build();
      tables.add(table);
      sharings.add(RedisSharing.builder(table, client, peer -> peer, name -> name)
          .tableName(tableName)
          .start());
    }
    BitSet all = new BitSet();
    all.set(0, tables.size());
    long[] connected =
        await(all, i -> sharings.get(i).stats().connected(), System.nanoTime(), START_NANOS);
    if (Arrays.stream(connected).anyMatch(nanos -> nanos < 0)) {
      close();
      throw new IllegalStateException("Not all nodes are connected");
    }
  }

  private boolean denies(int node, String peer) {
    return !tables.get(node).shouldRetry(peer);
  }

  /**
   * Two nodes fail to reach a peer, one after the other.
   *
   * @return how long each other node allowed sends to the peer after the second failure, in
   *     nanoseconds; negative if it still does
   */
  long[] die(String peer, int round) {
    int first = round % tables.size();
    int second = (round + 1) % tables.size();
    tables.get(first).recordFailure(peer);
    pause(ThreadLocalRandom.current().nextLong(TimeUnit.MILLISECONDS.toNanos(50)));
    BitSet others = new BitSet();
    others.set(0, tables.size());
    others.clear(first);
    others.clear(second);
    long startNanos = System.nanoTime();
    tables.get(second).recordFailure(peer);
    return await(others, i -> denies(i, peer), startNanos, patienceNanos);
  }

  /**
   * The node that failed first, in the same round, reaches the peer.
   *
   * @return how long each node that denied the peer still does, in nanoseconds; negative if it does
   *     not end
   */
  long[] recover(String peer, int round) {
    int first = round % tables.size();
    BitSet denying = new BitSet();
    for (int i = 0; i < tables.size(); i++) {
      denying.set(i, i != first && denies(i, peer));
    }
    long startNanos = System.nanoTime();
    tables.get(first).recordSuccess(peer);
    return await(denying, i -> !denies(i, peer), startNanos, patienceNanos);
  }

  /** Two nodes fail to reach all peers at once; returns when each other node denies them all. */
  long[] dieAtOnce(List<String> peers) {
    long startNanos = System.nanoTime();
    for (int i = 0; i < 2; i++) {
      peers.forEach(tables.get(i)::recordFailure);
    }
    BitSet others = new BitSet();
    others.set(2, tables.size());
    int[] known = new int[tables.size()];
    return await(
        others,
        i -> {
          while (known[i] < peers.size() && denies(i, peers.get(known[i]))) {
            known[i]++;
          }
          return known[i] == peers.size();
        },
        startNanos,
        patienceNanos);
  }

  /** From now on all nodes try these peers whenever they may, and fail; as if for hours already. */
  void keepFailing(List<String> peers) {
    long nowNanos = System.nanoTime();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (ConcurrentBackoffTable<String> table : tables) {
      for (String peer : peers) { // each delay lasts 45 s, in the mean
        long dueNanos = nowNanos + random.nextLong(DELAY.toNanos() * 3 / 4);
        table.restoreState(
            peer, new BackoffState(10, dueNanos - DELAY.toNanos() * 3 / 4, dueNanos));
      }
    }
    senders = new Thread(() -> fail(peers), "senders");
    senders.start();
  }

  private void fail(List<String> peers) {
    for (int sweep = 0; !closed; sweep = (sweep + 1) % SWEEPS) {
      for (int i = sweep; i < peers.size(); i += SWEEPS) {
        long nowNanos = System.nanoTime();
        for (ConcurrentBackoffTable<String> table : tables) {
          if (table.shouldRetry(peers.get(i), nowNanos)) {
            table.recordFailure(peers.get(i), nowNanos);
          }
        }
      }
      pause(SWEEP_NANOS);
    }
  }

  /** Returns when each node meets a condition; negative if it does not, and for all other nodes. */
  private long[] await(BitSet nodes, IntPredicate condition, long startNanos, long atMostNanos) {
    BitSet waiting = (BitSet) nodes.clone();
    long[] nanos = new long[tables.size()];
    Arrays.fill(nanos, -1);
    long lastNanos = startNanos;
    while (!waiting.isEmpty() && lastNanos - startNanos < atMostNanos) {
      for (int i = waiting.nextSetBit(0); i >= 0; i = waiting.nextSetBit(i + 1)) {
        if (condition.test(i)) {
          nanos[i] = System.nanoTime() - startNanos;
          waiting.clear(i);
        }
      }
      pause(POLL_NANOS);
      long nowNanos = System.nanoTime();
      pollGaps.add(nowNanos - lastNanos);
      lastNanos = nowNanos;
    }
    return nodes.stream().mapToLong(i -> nanos[i]).toArray();
  }

  void pause(long nanos) {
    long endNanos = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = endNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Returns for how long no node was looked at while one was waited for, each time. */
  long[] pollGaps() {
    return pollGaps.build().toArray();
  }

  long sum(ToLongFunction<RedisSharingStats> count) {
    return sharings.stream()
        .mapToLong(sharing -> count.applyAsLong(sharing.stats()))
        .sum();
  }

  /** The CPU time of the threads that try and measure, which are no part of the nodes. */
  long ownCpuNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadCpuTime()
        + (senders == null ? 0 : threads.getThreadCpuTime(senders.getId()));
  }

  @Override
  public void close() {
    closed = true;
    sharings.forEach(RedisSharing::close);
  }
}
