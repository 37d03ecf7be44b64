package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits while a phase lasts, and shows how it goes. */
final class Watch {
  private final Side side;
  private final Measurements measurements;
  private final StatusLine line;
  private Counts shown = Counts.NONE;
  private long shownNanos = System.nanoTime();

  /** Begins with a phase, as the rates are those since. */
  Watch(Side side, Measurements measurements, StatusLine line) {
    this.side = side;
    this.measurements = measurements;
    this.line = line;
  }

  void phase(Phase phase, Duration atMost, BooleanSupplier goesOn) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    long left;
    while ((left = end - System.nanoTime()) > 0 && goesOn.getAsBoolean()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, line.interval().toNanos()));
      line.show(status(phase));
    }
  }

  private Status status(Phase phase) {
    long now = System.nanoTime();
    double seconds = (now - shownNanos) / 1e9;
    Counts counts = measurements.counts();
    double served = (counts.served() - shown.served()) / seconds;
    double spared = (counts.spared() - shown.spared()) / seconds;
    shown = counts;
    shownNanos = now;
    return new Status(phase, new Status.Rates(served, spared), side.cooling());
  }
}
