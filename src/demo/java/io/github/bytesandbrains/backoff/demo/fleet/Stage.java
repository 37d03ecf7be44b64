package io.github.bytesandbrains.backoff.demo.fleet;

import java.time.Duration;

/** The parts of a run, in order. */
enum Stage {
  CALM("calm", 8),
  OUTAGE("outage", 14),
  RECOVERY("recovery", 14),
  OUTAGE_WITHOUT_REDIS("outage without Redis", 14),
  RECOVERY_WITHOUT_REDIS("recovery without Redis", 14),
  REDIS_BACK("Redis is back", 8),
  OUTAGE_AGAIN("outage again", 14),
  RECOVERY_AGAIN("recovery again", 14);

  private final String text;
  private final int percent;

  Stage(String text, int percent) {
    this.text = text;
    this.percent = percent;
  }

  /** Returns the length of this stage in a run of this length. */
  Duration of(Duration run) {
    return run.multipliedBy(percent).dividedBy(100);
  }

  boolean isOutage() {
    return this == OUTAGE || this == OUTAGE_WITHOUT_REDIS || this == OUTAGE_AGAIN;
  }

  boolean isSharedOutage() {
    return isOutage() && this != OUTAGE_WITHOUT_REDIS;
  }

  boolean isRecovery() {
    return this == RECOVERY || this == RECOVERY_WITHOUT_REDIS || this == RECOVERY_AGAIN;
  }

  @Override
  public String toString() {
    return text;
  }
}
