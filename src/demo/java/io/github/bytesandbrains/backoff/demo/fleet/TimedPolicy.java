package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import java.util.concurrent.atomic.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** Measures how long a policy takes to answer and to record. */
record TimedPolicy(Policy policy, LongAccumulator longestNanos) implements Policy {
  @Override
  public @Nullable Admission admit(Peer peer, long nowNanos) {
    long began = System.nanoTime();
    Admission admission = policy.admit(peer, nowNanos);
    longestNanos.accumulate(System.nanoTime() - began);
    return admission == null ? null : new Timed(admission, longestNanos);
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return policy.remaining(peer, nowNanos);
  }

  private record Timed(Admission admission, LongAccumulator longestNanos) implements Admission {
    @Override
    public void record(SendResult result) {
      long began = System.nanoTime();
      admission.record(result);
      longestNanos.accumulate(System.nanoTime() - began);
    }

    @Override
    public void close() {
      admission.close();
    }
  }
}
