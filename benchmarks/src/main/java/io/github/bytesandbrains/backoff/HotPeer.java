package io.github.bytesandbrains.backoff;

import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Threads;

/** How long recording a failure takes, of one peer of which many threads record failures. */
public class HotPeer extends Timed {
  /** The contender; Kafka's is for one thread. */
  @Param({"TABLE", "BARE_MAP", "SYNCHRONIZED_MAP", "CAFFEINE", "RESILIENCE4J", "FAILSAFE"})
  public Candidate candidate;

  private Contender<String> contender;
  private String[] peer;

  /** Makes the peer cooling. */
  @Setup
  public void fill() {
    Peers one = Peers.of(1);
    contender = candidate.create();
    contender.cool(one.tracked());
    peer = Arrays.copyOf(one.sequence(), LOOP);
  }

  private long fail() {
    return contender.fail(new Stretch<>(peer, 0, LOOP, Stretch.SOON));
  }

  /** By one thread. */
  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(LOOP)
  public long threads1() {
    return fail();
  }

  /** By two threads. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(LOOP)
  public long threads2() {
    return fail();
  }

  /** By four threads. */
  @Benchmark
  @Threads(4)
  @OperationsPerInvocation(LOOP)
  public long threads4() {
    return fail();
  }

  /** By eight threads. */
  @Benchmark
  @Threads(8)
  @OperationsPerInvocation(LOOP)
  public long threads8() {
    return fail();
  }
}
