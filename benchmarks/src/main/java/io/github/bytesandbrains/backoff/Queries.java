package io.github.bytesandbrains.backoff;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What asking allocates beside the answer itself: each query in a loop of its own, of peers that are
 * cooling and of ones that are not tracked, the answer used at once. The compiler then leaves most
 * answers out; it cannot leave out a {@link java.time.Duration} on JDK 17, as that may be the constant
 * zero.
 */
final class Queries implements Experiment {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Row ROW =
      Row.atMost(0, "bytes allocated by a query beside its answer, the most of all queries");

  /** The one answer that the compiler does not always leave out. */
  private static final String ANSWERS_A_DURATION = "remaining(peer), cooling";

  private static final int DURATION_BYTES = 24;
  private static final int PEERS = 1_000;
  private static final int OPERATIONS = 1_000;

  private final Map<String, Work> queries = new LinkedHashMap<>();
  private long checksum;

  @Override
  public List<Row> rows() {
    return List.of(ROW);
  }

  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    Peers peers = Peers.of(PEERS);
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(() -> Stretch.SOON).build();
    for (String peer : peers.tracked()) {
      table.recordRemoteAdvisory(peer, Stretch.START, Contender.MAX_DELAY_NANOS);
    }
    addQueries(table, "cooling", peers.sequence());
    addQueries(table, "not tracked", peers.strangers());
    Map<String, Double> bytes = new LinkedHashMap<>();
    queries.forEach((name, query) -> bytes.put(name, bytesOf(query, settings)));
    double most = 0;
    for (Map.Entry<String, Double> query : bytes.entrySet()) {
      int answer = query.getKey().equals(ANSWERS_A_DURATION) ? DURATION_BYTES : 0;
      most = Math.max(most, query.getValue() - answer);
    }
    samples.accept(new Sample(ROW.name(), new double[] {most}, null, null, bytes));
  }

  private void addQueries(ConcurrentBackoffTable<String> table, String what, String[] peers) {
    queries.put("shouldRetry(peer), " + what, operations -> {
      long sum = 0;
      for (int i = 0; i < operations; i++) {
        sum += table.shouldRetry(peers[i]) ? 1 : 2;
      }
      return sum;
    });
    queries.put("shouldRetry(peer, now), " + what, operations -> {
      long sum = 0;
      for (int i = 0; i < operations; i++) {
        sum += table.shouldRetry(peers[i], Stretch.SOON) ? 1 : 2;
      }
      return sum;
    });
    queries.put("remaining(peer), " + what, operations -> {
      long sum = 1;
      for (int i = 0; i < operations; i++) {
        sum += table.remaining(peers[i]).toNanos();
      }
      return sum;
    });
    queries.put("remaining(peer, now), " + what, operations -> {
      long sum = 1;
      for (int i = 0; i < operations; i++) {
        sum += table.remaining(peers[i], Stretch.SOON);
      }
      return sum;
    });
    queries.put("state(peer), " + what, operations -> {
      long sum = 1;
      for (int i = 0; i < operations; i++) {
        sum += table.state(peers[i]).map(BackoffState::attempts).orElse(0);
      }
      return sum;
    });
    queries.put("size(), isEmpty(), " + what, operations -> {
      long sum = 0;
      for (int i = 0; i < operations; i++) {
        sum += table.isEmpty() ? 1 : table.size();
      }
      return sum;
    });
  }

  /** The median of slices, as the JVM itself may allocate when it replaces compiled code. */
  private double bytesOf(Work query, Settings settings) {
    long start = THREADS.getCurrentThreadCpuTime();
    while (THREADS.getCurrentThreadCpuTime() - start < settings.warmUpNanos() / 2) {
      checksum += query.run(OPERATIONS);
    }
    double[] bytes = new double[settings.slices()];
    for (int i = 0; i < bytes.length; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      checksum += query.run(OPERATIONS);
      bytes[i] = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    if (checksum == 0) {
      throw new IllegalStateException("nothing was done");
    }
    return Spread.of(bytes).median() / OPERATIONS;
  }
}
