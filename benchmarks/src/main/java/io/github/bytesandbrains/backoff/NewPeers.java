package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** How long recording the first failure of a peer takes; see {@link Newcomers}. */
public class NewPeers extends Timed {
  private final Work table = Newcomers.into(Table::new);
  private final Work flood = Newcomers.flood();
  private final Work bareMap = Newcomers.into(BareMap::byDefault);

  /** By a table that has room. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long table() {
    return table.run(LOOP);
  }

  /** By a table that is full. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long tableInFlood() {
    return flood.run(LOOP);
  }

  /** By a bare map. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long bareMap() {
    return bareMap.run(LOOP);
  }
}
