package io.github.bytesandbrains.backoff.benchmarks.workload;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import java.util.Arrays;
import java.util.List;

/** What every implementation can do. */
public enum Operation {
  NOTHING_COOLING("asking, nothing cooling"),
  COOLING("asking, cooling"),
  MISS("asking, others cooling"),
  FAIL("recording a failure"),
  FLAP("failure, then success"),
  MIXED_LOAD("mixed load");

  private static final int AT_A_TIME = 100;

  /** How results name it. */
  public final String title;

  Operation(String title) {
    this.title = title;
  }

  /**
   * Fills implementations alternately, so that their objects lie in the heap in the same way: an
   * implementation whose objects the collector has put in order walks them several times faster.
   */
  public void prepare(String[] tracked, List<BackoffImpl<String>> impls) {
    for (int from = 0; from < tracked.length; from += AT_A_TIME) {
      String[] some = Arrays.copyOfRange(tracked, from, Math.min(from + AT_A_TIME, tracked.length));
      String[] peers = this == FLAP ? Peers.everySecond(some, 0) : some; // the others come and go
      for (BackoffImpl<String> impl : impls) {
        Arrays.stream(peers).forEach(this == NOTHING_COOLING ? impl::know : impl::cool);
      }
    }
  }

  /** The peers to operate on, in the order of the work. */
  public String[] sequence(String[] tracked, Peers.Order order) {
    return order.of(
        switch (this) {
          case MISS -> Peers.strangers(tracked.length);
          case FLAP -> Peers.everySecond(tracked, 1);
          default -> tracked;
        });
  }

  /** The operation on a prepared implementation, starting at a place of the sequence. */
  public Workload workload(BackoffImpl<String> impl, String[] sequence, int offset) {
    long startNanos = this == NOTHING_COOLING ? PeerSlice.LATER : PeerSlice.SOON;
    long stepNanos = switch (this) {
      case NOTHING_COOLING, COOLING, MISS -> 0;
      case FAIL, FLAP, MIXED_LOAD -> BackoffImpl.STEP_NANOS;
    };
    return Workload.over(sequence, offset, startNanos, stepNanos, slice -> run(impl, slice));
  }

  private long run(BackoffImpl<String> impl, PeerSlice<String> slice) {
    return switch (this) {
      case NOTHING_COOLING, MISS -> expect(slice.count(), impl.shouldRetry(slice), impl);
      case COOLING -> expect(0, impl.shouldRetry(slice), impl);
      case FAIL -> impl.recordFailure(slice);
      case FLAP -> impl.flap(slice);
      case MIXED_LOAD -> impl.mixedLoad(slice);
    };
  }

  private long expect(int expected, long admitted, BackoffImpl<String> impl) {
    if (admitted != expected) {
      throw new IllegalStateException(impl.getClass().getSimpleName() + ", " + title + ": "
          + admitted + " peers admitted (expected: " + expected + ")");
    }
    return admitted;
  }
}
