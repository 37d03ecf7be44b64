package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.demo.network.SendResult;

/**
 * What all workers did in some time.
 *
 * @param served replies
 * @param failed sends that were refused, timed out or broke
 * @param busy sends that were answered with an advisory
 * @param spared sends that were postponed because the table denied them
 * @param lostSeconds how long the failed sends occupied workers
 */
public record Counts(long served, long failed, long busy, long spared, double lostSeconds) {
  public static final Counts NONE = new Counts(0, 0, 0, 0, 0);

  /** Returns the counts of one send, sent or spared. */
  static Counts of(SendResult result, long nanos) {
    return switch (result.kind()) {
      case SERVED -> new Counts(1, 0, 0, 0, 0);
      case BUSY -> new Counts(0, 0, 1, 0, 0);
      case REFUSED, TIMED_OUT, BROKEN -> new Counts(0, 1, 0, 0, nanos / 1e9);
      case SPARED -> new Counts(0, 0, 0, 1, 0);
    };
  }

  Counts plus(Counts other) {
    return new Counts(
        served + other.served,
        failed + other.failed,
        busy + other.busy,
        spared + other.spared,
        lostSeconds + other.lostSeconds);
  }
}
