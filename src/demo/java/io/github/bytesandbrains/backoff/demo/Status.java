package io.github.bytesandbrains.backoff.demo;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a run goes at some moment.
 *
 * @param cooling null if there is no table
 */
record Status(Phase phase, Rates rates, @Nullable Cooling cooling) {

  /** Replies and spared sends per second. */
  record Rates(double served, double spared) {}

  /** Returns one line that fits a terminal of 80 columns. */
  @Override
  public String toString() {
    String text = String.format(Locale.ROOT, "%-8s %5.0f replies/s", phase, rates.served);
    if (cooling == null) {
      return text;
    }
    return String.format(
        Locale.ROOT,
        "%s %5.0f spared/s %3d tracked %3d cooling longest %.1f s",
        text,
        rates.spared,
        cooling.tracked(),
        cooling.cooling(),
        cooling.longest().toNanos() / 1e9);
  }
}
