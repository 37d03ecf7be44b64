package io.github.bytesandbrains.backoff.benchmarks.impl;

/** A loop over the peers of a slice. */
public abstract class StepLoop {
  /** What is done with one peer; returns something that depends on it. */
  @FunctionalInterface
  public interface Step {
    long run(String peer, long nowNanos);
  }

  /** A loop with compiled code of its own; for one step only. */
  public static StepLoop create() {
    return LoopCopies.copy(StepLoop.class, Template.class);
  }

  /** Does the step for each peer; returns a checksum. */
  public abstract long run(Step step, PeerSlice<String> slice);

  /** What is copied; never used itself. */
  static final class Template extends StepLoop {
    @Override
    public long run(Step step, PeerSlice<String> slice) {
      String[] peers = slice.peers();
      int to = slice.from() + slice.count();
      long now = slice.nowNanos();
      long sum = 0;
      for (int i = slice.from(); i < to; i++) {
        sum += step.run(peers[i], now);
        now += BackoffImpl.STEP_NANOS;
      }
      return sum;
    }
  }
}
