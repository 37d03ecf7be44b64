package io.github.bytesandbrains.backoff.demo.console;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.measure.Counts;
import io.github.bytesandbrains.backoff.demo.measure.Measurements;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waits while a phase lasts, and shows its progress. */
public final class PhaseMonitor {
  private final StatusLine line;
  private final Phase phase;
  private final Measurements measurements;
  private final @Nullable ConcurrentBackoffTable<?> table;
  private Counts shown = Counts.NONE;
  private long shownNanos = System.nanoTime();

  public PhaseMonitor(
      StatusLine line,
      Phase phase,
      Measurements measurements,
      @Nullable ConcurrentBackoffTable<?> table) {
    this.line = line;
    this.phase = phase;
    this.measurements = measurements;
    this.table = table;
  }

  /** Waits as long as the condition holds, but not longer than that. */
  public void waitWhile(BooleanSupplier condition, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    long left;
    while ((left = end - System.nanoTime()) > 0 && condition.getAsBoolean()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, line.interval().toNanos()));
      line.show(status());
    }
  }

  private String status() {
    long now = System.nanoTime();
    double seconds = (now - shownNanos) / 1e9;
    Counts counts = measurements.counts();
    double served = (counts.served() - shown.served()) / seconds;
    double spared = (counts.spared() - shown.spared()) / seconds;
    shown = counts;
    shownNanos = now;
    String text = String.format(Locale.ROOT, "%-8s %5.0f replies/s", phase, served);
    return table == null
        ? text
        : text
            + String.format(Locale.ROOT, " %5.0f spared/s ", spared)
            + summary(table.snapshot().values(), table.nanoTime());
  }

  static String summary(Collection<BackoffState> states, long nowNanos) {
    long cooling = states.stream().filter(state -> state.isCooling(nowNanos)).count();
    long longest =
        states.stream().mapToLong(state -> state.remainingNanos(nowNanos)).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "%3d tracked %3d cooling longest %.1f s",
        states.size(),
        cooling,
        longest / 1e9);
  }
}
