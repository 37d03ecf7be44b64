package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.Locale;

/** The measured parts of a run. What remains of it, at the beginning, warms the machine up. */
enum Phase {
  CALM(20),
  OUTAGE(40),
  RECOVERY(30);

  private static final int WARM_UP_PERCENT = 10;

  private final int percent;

  Phase(int percent) {
    this.percent = percent;
  }

  /** How long this phase is in a run of so long. */
  Duration of(Duration run) {
    return run.multipliedBy(percent).dividedBy(100);
  }

  static Duration warmUp(Duration run) {
    return run.multipliedBy(WARM_UP_PERCENT).dividedBy(100);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
