package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.measure.RunResult.PhaseResult;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What is measured in one run. Workers count, one thread begins phases, any thread reads. */
public final class Measurements implements Tally {
  private final Map<Phase, PhaseResult> finished = new EnumMap<>(Phase.class);
  private final AtomicLongArray servedAgainNanos;
  private final ThroughputSeries series;

  /** Before the first phase and after the last, what is counted is discarded. */
  private volatile Current current = new Current(null, 0, 0);

  private record Current(
      @Nullable Phase phase, long beganNanos, long runBeganNanos, AtomicReference<Counts> counts) {
    Current(@Nullable Phase phase, long beganNanos, long runBeganNanos) {
      this(phase, beganNanos, runBeganNanos, new AtomicReference<>(Counts.NONE));
    }

    void add(Counts more) {
      counts.accumulateAndGet(more, Counts::plus);
    }

    PhaseResult result() {
      return new PhaseResult(Duration.ofNanos(System.nanoTime() - beganNanos), counts.get());
    }
  }

  public Measurements(int peers, ThroughputSeries series) {
    servedAgainNanos = new AtomicLongArray(peers);
    this.series = series;
  }

  /** Begins a phase, and ends the one before it; null ends the last. */
  public synchronized void begin(@Nullable Phase phase) {
    Current before = current;
    long now = System.nanoTime();
    current = new Current(phase, now, before.phase == null ? now : before.runBeganNanos);
    if (before.phase != null) {
      finished.put(before.phase, before.result());
    }
  }

  @Override
  public void sent(Peer peer, SendResult result, long beganNanos) {
    long now = System.nanoTime();
    Current in = current;
    in.add(Counts.of(result, now - beganNanos));
    if (in.phase != null && result.kind() == Kind.SERVED) {
      series.count(now - in.runBeganNanos);
      if (in.phase == Phase.RECOVERY) {
        servedAgainNanos.compareAndSet(peer.number(), 0, Math.max(1, now - in.beganNanos));
      }
    }
  }

  /** The current phase; null before the first and after the last. */
  public @Nullable Phase phase() {
    return current.phase;
  }

  /** What was counted in the current phase so far. */
  public Counts counts() {
    return current.counts.get();
  }

  public ThroughputSeries series() {
    return series;
  }

  /** The numbers of the peers that have not been served since the recovery began. */
  public List<Integer> unserved() {
    return IntStream.range(0, servedAgainNanos.length())
        .filter(number -> servedAgainNanos.get(number) == 0)
        .boxed()
        .toList();
  }

  /** The figures of the run; {@code extremes} is what the auditor found, if there is a table. */
  public synchronized RunResult result(Auditor.@Nullable Extremes extremes) {
    Map<Phase, PhaseResult> phases = new EnumMap<>(finished);
    Current last = current;
    if (last.phase != null) {
      phases.put(last.phase, last.result());
    }
    long lastNanos = IntStream.range(0, servedAgainNanos.length())
        .mapToLong(servedAgainNanos::get)
        .max()
        .orElse(0);
    Duration lastServedAgain = unserved().isEmpty() ? Duration.ofNanos(lastNanos) : null;
    return new RunResult(Map.copyOf(phases), lastServedAgain, extremes);
  }
}
