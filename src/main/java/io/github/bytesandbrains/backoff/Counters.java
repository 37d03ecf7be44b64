package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a table counts; see {@link BackoffStats}. Most failures are counted elsewhere, by the {@link
 * Recorder} of their thread.
 */
final class Counters {
  private static final long NANOS_A_MICRO = 1_000;

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

  // Nanoseconds would overflow after 2.6 hours in which a million peers are cooling.
  private final LongAdder failureDelayMicros = new LongAdder();
  private final LongAdder advisoryDelayMicros = new LongAdder();

  void failed(BackoffState recorded) {
    failures.increment();
    failureDelayMicros.add(micros(recorded.imposedNanos()));
  }

  void advised(BackoffState recorded) {
    advisories.increment();
    advisoryDelayMicros.add(micros(recorded.imposedNanos()));
  }

  /** What a delay that has just been imposed adds to the sum; one that is never over, nothing. */
  static long micros(long delayNanos) {
    return delayNanos == Long.MAX_VALUE ? 0 : delayNanos / NANOS_A_MICRO;
  }

  BackoffStats stats(long recordedFailures, long recordedDelayMicros) {
    return new BackoffStats(
        recordedFailures + failures.sum(),
        Duration.of(recordedDelayMicros + failureDelayMicros.sum(), ChronoUnit.MICROS),
        successes.sum(),
        advisories.sum(),
        Duration.of(advisoryDelayMicros.sum(), ChronoUnit.MICROS),
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
