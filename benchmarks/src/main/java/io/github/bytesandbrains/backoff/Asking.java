package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * How long an ask takes: of peers that are known and none is cooling, of cooling ones, and of peers
 * that are not known while others cool; some peers much more often than others.
 */
public class Asking extends Timed {

  /** Peers of which none is cooling. */
  @State(Scope.Benchmark)
  public static class Known extends Filled {
    @Override
    void fill(Contender<String> contender, String[] peers) {
      contender.know(peers);
    }
  }

  /** Peers that all are cooling. */
  @State(Scope.Benchmark)
  public static class Cooling extends Filled {
    @Override
    void fill(Contender<String> contender, String[] peers) {
      contender.cool(peers);
    }
  }

  /** The peer is known, and no peer is cooling. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long nothingCooling(Known known) {
    return known.contender.ask(next(known.sequence, Stretch.LATER));
  }

  /** The peer is cooling. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long cooling(Cooling cooling) {
    return cooling.contender.ask(next(cooling.sequence, Stretch.SOON));
  }

  /** The peer is not known, others are cooling; Resilience4j's registry makes it known. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long miss(Cooling cooling) {
    return cooling.contender.ask(next(cooling.strangers, Stretch.SOON));
  }
}
