package io.github.bytesandbrains.backoff.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts what all workers do in one phase. Thread-safe. */
final class Tally {
  private final LongAdder served = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder busy = new LongAdder();
  private final LongAdder spared = new LongAdder();
  private final LongAdder lostNanos = new LongAdder();

  void sent(Outcome outcome, long nanos) {
    switch (outcome.kind()) {
      case SERVED -> served.increment();
      case BUSY -> busy.increment();
      case REFUSED, TIMED_OUT, BROKEN -> {
        failed.increment();
        lostNanos.add(nanos);
      }
    }
  }

  void spared() {
    spared.increment();
  }

  Counts counts() {
    return new Counts(
        served.sum(),
        failed.sum(),
        busy.sum(),
        spared.sum(),
        (double) lostNanos.sum() / TimeUnit.SECONDS.toNanos(1));
  }
}
