package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.demo.Findings.Extremes;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What is measured in one run. Workers count, one thread begins phases, any thread reads. */
final class Measurements {
  private final Map<Phase, Figures.Measured> finished = new EnumMap<>(Phase.class);
  private final AtomicLongArray servedAgainNanos;
  private final Pulse pulse;

  /** Before the first phase and after the last, counts go where nobody looks. */
  private volatile Now now = new Now(null, new Tally(), 0, 0);

  private record Now(@Nullable Phase phase, Tally tally, long begunNanos, long runBegunNanos) {
    Figures.Measured measured() {
      return new Figures.Measured(Duration.ofNanos(System.nanoTime() - begunNanos), tally.counts());
    }
  }

  Measurements(int peers, Pulse pulse) {
    servedAgainNanos = new AtomicLongArray(peers);
    this.pulse = pulse;
  }

  synchronized void begin(Phase phase) {
    become(phase);
  }

  /** Ends the last phase. */
  synchronized void end() {
    become(null);
  }

  private void become(@Nullable Phase phase) {
    Now before = now;
    long nanoTime = System.nanoTime();
    long runBegunNanos = before.phase == null ? nanoTime : before.runBegunNanos;
    now = new Now(phase, new Tally(), nanoTime, runBegunNanos);
    if (before.phase != null) {
      finished.put(before.phase, before.measured());
    }
  }

  void sent(Peer peer, Outcome outcome, long sinceNanos) {
    long nanoTime = System.nanoTime();
    Now current = now;
    current.tally.sent(outcome, nanoTime - sinceNanos);
    if (current.phase == null || outcome.kind() != Outcome.Kind.SERVED) {
      return;
    }
    pulse.served(nanoTime - current.runBegunNanos);
    if (current.phase == Phase.RECOVERY) {
      long elapsed = Math.max(1, nanoTime - current.begunNanos);
      servedAgainNanos.compareAndSet(peer.number(), 0, elapsed);
    }
  }

  void spared() {
    now.tally.spared();
  }

  /** The phase that lasts; null before the first and after the last. */
  @Nullable
  Phase phase() {
    return now.phase;
  }

  /** What was counted in the present phase so far. */
  Counts counts() {
    return now.tally.counts();
  }

  /** The numbers of the peers that have not been served since the recovery began. */
  List<Integer> unserved() {
    return IntStream.range(0, servedAgainNanos.length())
        .filter(number -> servedAgainNanos.get(number) == 0)
        .boxed()
        .toList();
  }

  /**
   * Returns what was measured so far.
   *
   * @param extremes those of the table's auditors, if there is a table
   */
  synchronized Figures figures(@Nullable Extremes extremes) {
    Map<Phase, Figures.Measured> phases = new EnumMap<>(finished);
    Now current = now;
    if (current.phase != null) {
      phases.put(current.phase, current.measured());
    }
    Duration lastServedAgain = unserved().isEmpty() ? lastServedAgain() : null;
    return new Figures(Map.copyOf(phases), lastServedAgain, extremes);
  }

  private Duration lastServedAgain() {
    LongStream all = IntStream.range(0, servedAgainNanos.length()).mapToLong(servedAgainNanos::get);
    return Duration.ofNanos(all.max().orElse(0));
  }
}
