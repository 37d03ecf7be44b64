package io.github.bytesandbrains.backoff.benchmarks.workload;

import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import java.util.function.ToLongFunction;

/** Work that can be done in slices. */
@FunctionalInterface
public interface Workload {
  /** Does this many operations; returns a checksum, so that none is optimized away. */
  long run(int operations);

  /**
   * Goes through a sequence of peers, again and again, with a time that grows by each operation.
   */
  static <P> Workload over(
      P[] sequence,
      int offset,
      long startNanos,
      long stepNanos,
      ToLongFunction<PeerSlice<P>> work) {
    return new Workload() {
      private int from = offset;
      private long nowNanos = startNanos;

      @Override
      public long run(int operations) {
        int start = from + operations > sequence.length ? 0 : from;
        PeerSlice<P> slice = new PeerSlice<>(sequence, start, operations, nowNanos);
        from = start + operations;
        nowNanos += operations * stepNanos;
        return work.applyAsLong(slice);
      }
    };
  }
}
