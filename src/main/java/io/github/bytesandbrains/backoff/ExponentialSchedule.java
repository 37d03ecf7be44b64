package io.github.bytesandbrains.backoff;

import java.time.Duration;

/** {@link BackoffSchedule#exponential}; both delays are at least 1. */
record ExponentialSchedule(long initialDelayNanos, long maxDelayNanos, double multiplier)
    implements BackoffSchedule {

  ExponentialSchedule {
    if (!(multiplier >= 1 && multiplier <= Double.MAX_VALUE)) { // NaN is neither
      throw Nanos.unexpected("multiplier", multiplier, ">= 1.0");
    }
  }

  @Override
  public long delayNanos(int attempts) {
    if (attempts < 1) {
      throw Nanos.unexpected("attempts", attempts, ">= 1");
    }
    int growths = attempts - 1;
    return multiplier == 2 || growths == 0 ? doubled(growths) : multiplied(growths);
  }

  private long doubled(int doublings) {
    // Compared by shifting the cap down, as shifting the delay up would overflow.
    boolean capped = doublings >= Long.SIZE || initialDelayNanos > maxDelayNanos >> doublings;
    return capped ? maxDelayNanos : initialDelayNanos << doublings;
  }

  private long multiplied(int growths) {
    double delay = initialDelayNanos * Math.pow(multiplier, growths);
    return delay < maxDelayNanos ? (long) delay : maxDelayNanos;
  }

  @Override
  public String toString() {
    String delays = Duration.ofNanos(initialDelayNanos) + ", " + Duration.ofNanos(maxDelayNanos);
    return "exponential(" + delays + (multiplier == 2 ? "" : ", " + multiplier) + ")";
  }
}
