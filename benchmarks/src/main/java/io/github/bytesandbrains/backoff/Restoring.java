package io.github.bytesandbrains.backoff;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long it takes to put back a state, into an empty table, and into a bare map. */
public class Restoring extends Timed {
  /** How many states are put back; the time is that of all. */
  @Param({"1000", "1000000"})
  public int peers;

  private String[] restored;

  /** Makes the peers. */
  @Setup
  public void fill() {
    restored = Peers.of(peers).tracked();
  }

  /** Into a table, which puts each peer into its index too. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Object table() {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(() -> Stretch.SOON).build();
    for (String peer : restored) {
      table.restoreState(peer, new BackoffState(1, Stretch.START, Stretch.LATER));
    }
    return table;
  }

  /** Into a bare map. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Object bareMap() {
    BareMap<String> bare = BareMap.byDefault();
    bare.cool(restored);
    return bare;
  }
}
