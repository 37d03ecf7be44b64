package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.Locale;

/** The three parts of a run. */
public enum Phase {
  CALM(22),
  OUTAGE(43),
  RECOVERY(35);

  private final int percent;

  Phase(int percent) {
    this.percent = percent;
  }

  /** Returns the length of this phase in a run of this length. */
  public Duration of(Duration run) {
    return run.multipliedBy(percent).dividedBy(100);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
