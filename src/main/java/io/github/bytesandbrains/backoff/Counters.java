package io.github.bytesandbrains.backoff;

import java.util.concurrent.atomic.LongAdder;

/** What a table counts; see {@link BackoffStats}. */
@SuppressWarnings("EnumOrdinal") // an array by counter, as in an EnumMap, and never stored
final class Counters {
  private static final long NANOS_PER_MICRO = 1_000;

  /** What each count is; {@link BackoffStats} has the words. */
  enum Counter {
    FAILURES,
    FAILURE_DELAY_MICROS, // nanoseconds would overflow after 2.6 hours of a million cooling peers
    SUCCESSES,
    ADVISORIES,
    ADVISORY_DELAY_MICROS,
    CLAMPED_ADVISORIES,
    STALE_ADVISORIES,
    STALE_OUTCOMES,
    GRANTED,
    DENIED,
    PROBES,
    SUCCEEDED_PROBES,
    FAILED_PROBES,
    RELEASED_PROBES,
    LAPSED_PROBES,
    IDLE_EVICTIONS,
    SIZE_EVICTIONS;

    static final int COUNT = values().length;
  }

  private final LongAdder[] adders = new LongAdder[Counter.COUNT];

  Counters() {
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
  }

  void increment(Counter counter) {
    adders[counter.ordinal()].increment();
  }

  /** Counts a delay that has just been imposed; one that never ends adds nothing to the sum. */
  void impose(Counter counter, Counter delayMicros, BackoffState state) {
    increment(counter);
    long delayNanos = state.nextRetryNanos() - state.lastAttemptNanos();
    if (state.nextRetryNanos() != Long.MAX_VALUE && delayNanos != Long.MAX_VALUE) {
      adders[delayMicros.ordinal()].add(delayNanos / NANOS_PER_MICRO);
    }
  }

  BackoffStats stats() {
    long[] counts = new long[adders.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = adders[i].sum();
    }
    return new BackoffStats(counts);
  }
}
