package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How long a failure and then a success take, of peers that do nothing else. */
public class Flapping extends Timed {

  /** Others that stay, so that no map empties itself while the peers come and go. */
  @State(Scope.Benchmark)
  public static class BesideOthers extends Filled {
    @Override
    void fill(Contender<String> contender, String[] peers) {
      contender.cool(Peers.everySecond(Peers.of(peers.length).strangers(), 0));
    }
  }

  /** A failure, then a success. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long failureThenSuccess(BesideOthers others) {
    return others.contender.flap(next(others.sequence));
  }
}
