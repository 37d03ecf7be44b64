package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** How long recording a failure takes, of peers that are cooling. */
public class Recording extends Timed {
  /** One more failure. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long failure(Asking.Cooling cooling) {
    return cooling.contender.fail(next(cooling.sequence));
  }
}
