package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BareMap;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * How long it takes to restore the states of all peers into an empty table, and into a bare map.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@OperationsPerInvocation(1)
public class RestoreBenchmark extends JmhBenchmark {
  /** How many states are restored; the time is that of all. */
  @Param({"1000", "1000000"})
  public int peers;

  private String[] restored;

  @Setup
  public void setUp() {
    restored = Peers.tracked(peers);
  }

  /** Into a table, which also puts each peer into its index. */
  @Benchmark
  public Object table() {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(() -> PeerSlice.SOON).build();
    for (String peer : restored) {
      table.restoreState(peer, new BackoffState(1, PeerSlice.START, PeerSlice.LATER));
    }
    return table;
  }

  @Benchmark
  public Object bareMap() {
    BareMap<String> bare = new BareMap<>();
    for (String peer : restored) {
      bare.cool(peer);
    }
    return bare;
  }
}
