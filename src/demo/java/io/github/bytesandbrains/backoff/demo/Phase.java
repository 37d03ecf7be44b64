package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.Locale;

/** The three parts of a run. */
enum Phase {
  CALM(22),
  OUTAGE(43),
  RECOVERY(35);

  private final int percent;

  Phase(int percent) {
    this.percent = percent;
  }

  /** How long this phase is in a run of so long. */
  Duration of(Duration run) {
    return run.multipliedBy(percent).dividedBy(100);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
