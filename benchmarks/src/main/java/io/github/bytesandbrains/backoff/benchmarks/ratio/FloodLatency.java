package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.NewPeerWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How long the slowest records of known peers take while threads flood their table, compared with
 * records in another table at the same time.
 */
record FloodLatency(Target target) implements Experiment {
  private static final int KNOWN_PEERS = 1_000;
  private static final int FLOODING_THREADS = 8;
  private static final int FAILURES = 20;
  private static final int RECORDS_A_SLICE = 10;

  @Override
  public List<Target> targets() {
    return List.of(target);
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    String[] known = Peers.strangers(KNOWN_PEERS); // the flood consists of the others
    ConcurrentBackoffTable<String> flooded = NewPeerWorkload.boundedTable();
    ConcurrentBackoffTable<String> quiet = NewPeerWorkload.boundedTable();
    record(flooded, known);
    record(quiet, known);
    List<Thread> threads = flood(flooded);
    RecordLatency latency =
        RecordLatency.measure(flooded, quiet, known, settings.slices() * RECORDS_A_SLICE);
    threads.forEach(Thread::interrupt);
    if (flooded.state(known[0]).orElseThrow().attempts() <= FAILURES) {
      throw new IllegalStateException("the flood made the table forget a known peer");
    }
    samples.accept(
        Sample.of(target, new double[] {latency.p99Ratio()}, latency.micros("flooded", "another")));
  }

  private static void record(ConcurrentBackoffTable<String> table, String[] known) {
    for (int i = 0; i < FAILURES * known.length; i++) {
      table.recordFailure(known[i % known.length]);
    }
  }

  /** Starts a flood that lasts until its threads are interrupted; returns once the table is full. */
  private static List<Thread> flood(ConcurrentBackoffTable<String> table) {
    String[] peers = Peers.tracked(NewPeerWorkload.FLOOD);
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
    while (table.size() < NewPeerWorkload.BOUND) {
      Thread.onSpinWait();
    }
    return threads;
  }
}
