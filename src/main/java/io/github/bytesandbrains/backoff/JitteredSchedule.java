package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

/** {@link BackoffSchedule#withJitter}. */
record JitteredSchedule(BackoffSchedule schedule, Jitter jitter) implements BackoffSchedule {

  JitteredSchedule {
    requireNonNull(jitter, "jitter");
  }

  @Override
  public long delayNanos(int attempts) {
    return jitter.spread(schedule.delayNanos(attempts));
  }

  @Override
  public long maxDelayNanos() {
    return schedule.maxDelayNanos();
  }

  @Override
  public String toString() {
    return schedule + " with " + jitter;
  }
}
