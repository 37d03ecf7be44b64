package io.github.bytesandbrains.backoff.benchmarks.ratio;

import com.sun.management.ThreadMXBean;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.impl.StepLoop;
import io.github.bytesandbrains.backoff.benchmarks.report.Quartiles;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.ScrapeWorkload;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a query allocates in addition to its answer, of cooling peers and of untracked ones. Each
 * query has a loop of its own that uses the answer at once, so that the compiler leaves most
 * answers out. It cannot leave out a {@link java.time.Duration} on JDK 17, which may be the
 * constant zero.
 */
record QueryAllocation(Target target) implements Experiment.Single {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The only answer that the compiler does not always leave out. */
  private static final String ANSWERS_A_DURATION = "remaining(peer), cooling";

  private static final int DURATION_BYTES = 24;
  private static final int PEERS = 1_000;
  private static final int OPERATIONS = 1_000;

  @Override
  public void run(Run run) {
    String[] tracked = Peers.tracked(PEERS);
    ConcurrentBackoffTable<String> table = ScrapeWorkload.coolingTable(tracked);
    Map<String, Double> bytes = new LinkedHashMap<>();
    queries(table)
        .forEach(
            (name, query) -> bytes.put(name + ", cooling", bytes(query, tracked, run.settings())));
    queries(table)
        .forEach((name, query) -> bytes.put(
            name + ", not tracked", bytes(query, Peers.strangers(PEERS), run.settings())));
    double most = bytes.entrySet().stream()
        .mapToDouble(query ->
            query.getValue() - (query.getKey().equals(ANSWERS_A_DURATION) ? DURATION_BYTES : 0))
        .reduce(0, Math::max);
    run.add(target, most, bytes);
  }

  private static Map<String, StepLoop.Step> queries(ConcurrentBackoffTable<String> table) {
    Map<String, StepLoop.Step> queries = new LinkedHashMap<>();
    queries.put("shouldRetry(peer)", (peer, now) -> table.shouldRetry(peer) ? 1 : 2);
    queries.put("shouldRetry(peer, now)", (peer, now) -> table.shouldRetry(peer, now) ? 1 : 2);
    queries.put("remaining(peer)", (peer, now) -> 1 + table.remaining(peer).toNanos());
    queries.put("remaining(peer, now)", (peer, now) -> 1 + table.remaining(peer, now));
    queries.put(
        "state(peer)",
        (peer, now) -> 1 + table.state(peer).map(BackoffState::attempts).orElse(0));
    queries.put("size(), isEmpty()", (peer, now) -> table.isEmpty() ? 1 : table.size());
    return queries;
  }

  /** The median of slices, because the JVM itself may allocate when it replaces compiled code. */
  private static double bytes(StepLoop.Step query, String[] peers, Settings settings) {
    StepLoop loop = StepLoop.create();
    PeerSlice<String> slice = new PeerSlice<>(peers, 0, OPERATIONS, PeerSlice.SOON);
    long checksum = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    while (THREADS.getCurrentThreadCpuTime() - start < settings.warmUpNanos() / 2) {
      checksum += loop.run(query, slice);
    }
    double[] bytes = new double[settings.slices()];
    for (int i = 0; i < bytes.length; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      checksum += loop.run(query, slice);
      bytes[i] = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    if (checksum == 0) {
      throw new IllegalStateException("nothing was done");
    }
    return Quartiles.of(bytes).median() / OPERATIONS;
  }
}
