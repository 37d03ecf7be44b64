package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that a test moves. It starts at a random time, with at least 146 years above it. */
public final class FakeClock implements LongSupplier {
  private final AtomicLong now =
      new AtomicLong(ThreadLocalRandom.current().nextLong(Long.MIN_VALUE, Long.MAX_VALUE >> 1));

  @Override
  public long getAsLong() {
    return now.get();
  }

  public void advance(Duration duration) {
    now.addAndGet(duration.toNanos());
  }

  public void set(long nanos) {
    now.set(nanos);
  }

  @Override
  public String toString() {
    return "FakeClock[" + now + "]";
  }
}
