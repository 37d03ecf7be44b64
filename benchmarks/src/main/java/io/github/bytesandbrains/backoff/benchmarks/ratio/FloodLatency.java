package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.SendWorkload;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the slowest records of known peers take while threads flood their table, compared with
 * records in another table at the same time.
 */
record FloodLatency(Target target) implements Experiment.Single {
  private static final int KNOWN_PEERS = 1_000;
  private static final int FLOODING_THREADS = 8;
  private static final int FAILURES = 20;
  private static final int RECORDS_A_SLICE = 10;

  @Override
  public void run(Run run) {
    String[] known = Peers.strangers(KNOWN_PEERS); // the flood consists of the others
    ConcurrentBackoffTable<String> flooded = SendWorkload.boundedTable();
    ConcurrentBackoffTable<String> quiet = SendWorkload.boundedTable();
    for (int i = 0; i < FAILURES * KNOWN_PEERS; i++) {
      flooded.recordFailure(known[i % KNOWN_PEERS]);
      quiet.recordFailure(known[i % KNOWN_PEERS]);
    }
    List<Thread> threads = flood(flooded);
    RecordLatency latency =
        RecordLatency.measure(flooded, quiet, known, run.slices() * RECORDS_A_SLICE);
    threads.forEach(Thread::interrupt);
    if (flooded.state(known[0]).orElseThrow().attempts() <= FAILURES) {
      throw new IllegalStateException("the flood made the table forget a known peer");
    }
    run.add(target, latency.p99Ratio(), latency.micros("flooded", "another"));
  }

  /**
   * Starts a flood that lasts until its threads are interrupted; returns once the table is full.
   */
  private static List<Thread> flood(ConcurrentBackoffTable<String> table) {
    String[] peers = Peers.tracked(SendWorkload.FLOODING_PEERS);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < FLOODING_THREADS; i++) {
      int from = i * (peers.length / FLOODING_THREADS);
      threads.add(new Thread(() -> {
        for (int at = from; !Thread.currentThread().isInterrupted(); at++) {
          table.recordFailure(peers[at % peers.length]);
        }
      }));
    }
    threads.forEach(Thread::start);
    while (table.size() < SendWorkload.BOUND) {
      Thread.onSpinWait();
    }
    return threads;
  }
}
