package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Threads;

/** How long it takes to record a failure while many threads record failures of the same peer. */
public class HotPeerBenchmark extends JmhBenchmark {
  /** The implementation; Kafka's is for one thread. */
  @Param({"TABLE", "BARE_MAP", "SYNCHRONIZED_MAP", "CAFFEINE", "RESILIENCE4J", "FAILSAFE"})
  public ImplType impl;

  private BackoffImpl<String> filled;
  private PeerSlice<String> slice;

  @Setup
  public void setUp() {
    String[] peer = Peers.tracked(1);
    filled = impl.create();
    filled.cool(peer[0]);
    slice = new PeerSlice<>(Peers.Order.SHUFFLED.of(peer), 0, OPERATIONS, PeerSlice.SOON);
  }

  @Benchmark
  @Threads(1)
  public long threads1() {
    return filled.recordFailure(slice);
  }

  @Benchmark
  @Threads(2)
  public long threads2() {
    return filled.recordFailure(slice);
  }

  @Benchmark
  @Threads(4)
  public long threads4() {
    return filled.recordFailure(slice);
  }

  @Benchmark
  @Threads(8)
  public long threads8() {
    return filled.recordFailure(slice);
  }
}
