package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** What a table counts; see {@link BackoffStats}. */
final class Counters {
  private static final double NANOS_PER_SECOND = 1e9;

  final LongAdder failures = new LongAdder();
  final LongAdder successes = new LongAdder();
  final LongAdder advisories = new LongAdder();
  final LongAdder clampedAdvisories = new LongAdder();
  final LongAdder denied = new LongAdder();
  final LongAdder admitted = new LongAdder();
  final LongAdder probes = new LongAdder();
  final LongAdder succeededProbes = new LongAdder();
  final LongAdder failedProbes = new LongAdder();
  final LongAdder abandonedProbes = new LongAdder();
  final LongAdder lapsedProbes = new LongAdder();
  final LongAdder staleOutcomes = new LongAdder();
  final LongAdder idleEvictions = new LongAdder();
  final LongAdder sizeEvictions = new LongAdder();

  // Of doubles: a long of nanoseconds overflows after 2.6 hours in which a million peers are
  // cooling.
  private final DoubleAdder failureDelayNanos = new DoubleAdder();
  private final DoubleAdder advisoryDelayNanos = new DoubleAdder();

  void failed(BackoffState recorded) {
    failures.increment();
    add(recorded, failureDelayNanos);
  }

  void advised(BackoffState recorded) {
    advisories.increment();
    add(recorded, advisoryDelayNanos);
  }

  /** Adds a delay that has just been imposed, unless it is never over. */
  private static void add(BackoffState recorded, DoubleAdder delays) {
    long delayNanos = recorded.delayNanos();
    if (delayNanos != Long.MAX_VALUE) {
      delays.add((double) delayNanos);
    }
  }

  private static Duration total(DoubleAdder delays) {
    double nanos = delays.sum();
    double rest = nanos % NANOS_PER_SECOND;
    return Duration.ofSeconds((long) ((nanos - rest) / NANOS_PER_SECOND), (long) rest);
  }

  BackoffStats stats() {
    return new BackoffStats(
        failures.sum(),
        total(failureDelayNanos),
        successes.sum(),
        advisories.sum(),
        total(advisoryDelayNanos),
        clampedAdvisories.sum(),
        denied.sum(),
        admitted.sum(),
        probes.sum(),
        succeededProbes.sum(),
        failedProbes.sum(),
        abandonedProbes.sum(),
        lapsedProbes.sum(),
        staleOutcomes.sum(),
        idleEvictions.sum(),
        sizeEvictions.sum());
  }
}
