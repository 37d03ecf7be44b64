package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How long a failure and then a success take, of peers that do nothing else. */
public class Flapping extends Timed {

  /** Peers that have flapped once. */
  @State(Scope.Benchmark)
  public static class Flapped extends Filled {
    @Override
    void fill(Contender<String> contender, String[] peers) {
      contender.flap(new Stretch<>(peers, 0, peers.length, Stretch.START));
    }
  }

  /** A failure, then a success. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long failureThenSuccess(Flapped flapped) {
    return flapped.contender.flap(next(flapped.sequence));
  }
}
