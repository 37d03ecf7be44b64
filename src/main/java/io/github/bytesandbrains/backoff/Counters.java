package io.github.bytesandbrains.backoff;

import java.util.concurrent.atomic.LongAdder;

/** What a table counts; see {@link BackoffStats}. */
final class Counters {
  final LongAdder failures = new LongAdder();
  final LongAdder successes = new LongAdder();
  final LongAdder advisories = new LongAdder();
  final LongAdder clampedAdvisories = new LongAdder();
  final LongAdder denied = new LongAdder();
  final LongAdder admitted = new LongAdder();
  final LongAdder probes = new LongAdder();
  final LongAdder lapsedProbes = new LongAdder();
  final LongAdder staleOutcomes = new LongAdder();
  final LongAdder idleEvictions = new LongAdder();
  final LongAdder sizeEvictions = new LongAdder();

  BackoffStats stats() {
    return new BackoffStats(
        failures.sum(),
        successes.sum(),
        advisories.sum(),
        clampedAdvisories.sum(),
        denied.sum(),
        admitted.sum(),
        probes.sum(),
        lapsedProbes.sum(),
        staleOutcomes.sum(),
        idleEvictions.sum(),
        sizeEvictions.sum());
  }
}
