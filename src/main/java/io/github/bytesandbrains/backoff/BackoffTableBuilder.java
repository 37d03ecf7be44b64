package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Builds a {@link ConcurrentBackoffTable}. Not thread-safe; may build more than one table. */
public final class BackoffTableBuilder {
  BackoffSchedule schedule =
      BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
  long maximumPeers = 1_000_000;
  long probeLeaseNanos = Duration.ofSeconds(10).toNanos();
  double advisoryJitter;
  Function<? super Throwable, Outcome> throwableClassifier = Outcome::of;
  LongSupplier nanoTime = System::nanoTime;

  private long idleTimeoutNanos; // 0: derived from the schedule, like the next
  private long maxAdvisoryNanos;

  BackoffTableBuilder() {}

  /** Sets how long to leave a peer alone; 10 ms doubling to 60 s, without jitter, unless set. */
  public BackoffTableBuilder schedule(BackoffSchedule schedule) {
    this.schedule = requireNonNull(schedule, "schedule");
    return this;
  }

  /**
   * Sets the longest delay that a peer may request; the schedule's maximum delay unless set. A
   * longer request is clamped and counted. Some peers punish a client that returns early: for those
   * the bound should be long.
   *
   * @throws IllegalArgumentException if {@code maxAdvisory} is not positive
   */
  public BackoffTableBuilder maxAdvisory(Duration maxAdvisory) {
    maxAdvisoryNanos = Nanos.requireAtLeast("maxAdvisory", maxAdvisory, 1);
    return this;
  }

  /**
   * Sets the maximum share by which a requested delay is lengthened at random; 0 unless set. With
   * 0.1, 30 s becomes 30 s to 33 s, within {@code maxAdvisory}, so that clients given the same
   * delay do not return together.
   *
   * @throws IllegalArgumentException if {@code advisoryJitter} is not from 0.0 to 1.0
   */
  public BackoffTableBuilder advisoryJitter(double advisoryJitter) {
    if (!(advisoryJitter >= 0 && advisoryJitter <= 1)) { // NaN is neither
      throw Nanos.unexpected("advisoryJitter", advisoryJitter, "0.0 to 1.0");
    }
    this.advisoryJitter = advisoryJitter;
    return this;
  }

  /**
   * Sets how long a probe may take before another one is admitted; 10 s unless set. It should be
   * longer than a send can take. A slower probe is still heard, but a peer may have several by
   * then.
   *
   * @throws IllegalArgumentException if {@code probeLease} is not positive
   */
  public BackoffTableBuilder probeLease(Duration probeLease) {
    probeLeaseNanos = Nanos.requireAtLeast("probeLease", probeLease, 1);
    return this;
  }

  /**
   * Sets what the throwables of {@link ConcurrentBackoffTable#call} and {@link
   * ConcurrentBackoffTable#callAsync} say about the peer; {@link Outcome#of} unless set, on which
   * another may build:
   *
   * <pre>{@code
   * builder.throwableClassifier(thrown -> thrown instanceof BusyException busy
   *     ? Outcome.advisory(busy.retryAfter())
   *     : Outcome.of(thrown));
   * }</pre>
   *
   * <p>If the classifier throws, the permit is released, and its exception is added to the
   * suppressed exceptions of the send's.
   */
  public BackoffTableBuilder throwableClassifier(
      Function<? super Throwable, Outcome> throwableClassifier) {
    this.throwableClassifier = requireNonNull(throwableClassifier, "throwableClassifier");
    return this;
  }

  /**
   * Sets how long after its next retry a peer without a recorded outcome is forgotten; twice the
   * schedule's maximum delay unless set. {@code Duration.ofNanos(Long.MAX_VALUE)} means never.
   *
   * @throws IllegalArgumentException if {@code idleTimeout} is not positive
   */
  public BackoffTableBuilder idleTimeout(Duration idleTimeout) {
    idleTimeoutNanos = Nanos.requireAtLeast("idleTimeout", idleTimeout, 1);
    return this;
  }

  /**
   * Sets how many peers the table holds at most, recently recovered ones included; 1,000,000 unless
   * set. While threads record new peers concurrently, there may be up to 16 or 1/128 more,
   * whichever is larger, and one for each of the threads.
   *
   * @throws IllegalArgumentException if {@code maximumPeers} is not positive
   */
  public BackoffTableBuilder maximumPeers(long maximumPeers) {
    if (maximumPeers < 1) {
      throw Nanos.unexpected("maximumPeers", maximumPeers, "> 0");
    }
    this.maximumPeers = maximumPeers;
    return this;
  }

  /**
   * Sets the clock, in nanoseconds from any origin; {@link System#nanoTime} unless set. It must not
   * wrap around. Many threads call it. What it throws reaches the caller and leaves the table as it
   * was.
   */
  public BackoffTableBuilder nanoTime(LongSupplier nanoTime) {
    this.nanoTime = requireNonNull(nanoTime, "nanoTime");
    return this;
  }

  /**
   * Returns a new, empty table.
   *
   * @throws IllegalArgumentException if the schedule throws, returns a negative delay, or has a
   *     first delay that is longer than its maximum delay
   */
  public <P> ConcurrentBackoffTable<P> build() {
    ScheduleSamples.check(schedule);
    return new ConcurrentBackoffTable<>(this);
  }

  long maxAdvisoryNanos() {
    return maxAdvisoryNanos > 0 ? maxAdvisoryNanos : schedule.maxDelayNanos();
  }

  long idleTimeoutNanos() {
    long twice = Nanos.plus(schedule.maxDelayNanos(), schedule.maxDelayNanos());
    return idleTimeoutNanos > 0 ? idleTimeoutNanos : Math.max(1, twice);
  }
}
