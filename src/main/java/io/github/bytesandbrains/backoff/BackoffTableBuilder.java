package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Builds a {@link ConcurrentBackoffTable}. Not thread-safe; may build more than one table. */
public final class BackoffTableBuilder {
  BackoffSchedule schedule =
      BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
  long maximumPeers = 1_000_000;
  long probeLeaseNanos = Duration.ofSeconds(10).toNanos();
  Predicate<? super Throwable> peerFailure = Attempt::isPeerFailure;
  LongSupplier nanoTime = System::nanoTime;

  private long idleTimeoutNanos; // 0: derived from the schedule, as the next
  private long maxAdvisoryNanos;

  BackoffTableBuilder() {}

  /** Sets how long to leave a peer alone; 10 ms doubling to 60 s, without jitter, unless set. */
  public BackoffTableBuilder schedule(BackoffSchedule schedule) {
    this.schedule = requireNonNull(schedule, "schedule");
    return this;
  }

  /**
   * Sets how long a peer's own word may be at most; the schedule's maximum delay unless set. Some
   * peers punish whoever returns before the time that they gave: for those it may be long.
   *
   * @throws IllegalArgumentException if {@code maxAdvisory} is not positive
   */
  public BackoffTableBuilder maxAdvisory(Duration maxAdvisory) {
    maxAdvisoryNanos = Nanos.of("maxAdvisory", maxAdvisory, 1);
    return this;
  }

  /**
   * Sets how long a probe may take to tell its outcome before another is admitted; 10 s unless set.
   * Should be longer than a send can take.
   *
   * @throws IllegalArgumentException if {@code probeLease} is not positive
   */
  public BackoffTableBuilder probeLease(Duration probeLease) {
    probeLeaseNanos = Nanos.of("probeLease", probeLease, 1);
    return this;
  }

  /**
   * Sets which throwables of {@link ConcurrentBackoffTable#call} and {@link
   * ConcurrentBackoffTable#callAsync} are the peer's failure; the others abandon the attempt. Unless
   * set, all are but those that say nothing about a peer: errors, interruption, cancellation and {@link
   * java.util.concurrent.RejectedExecutionException}. What a stage completes with is unwrapped first.
   */
  public BackoffTableBuilder peerFailure(Predicate<? super Throwable> peerFailure) {
    this.peerFailure = requireNonNull(peerFailure, "peerFailure");
    return this;
  }

  /**
   * Sets how long after its next retry a peer without a recorded outcome is forgotten; twice the
   * schedule's maximum delay unless set. {@code Duration.ofNanos(Long.MAX_VALUE)} is never.
   *
   * @throws IllegalArgumentException if {@code idleTimeout} is not positive
   */
  public BackoffTableBuilder idleTimeout(Duration idleTimeout) {
    idleTimeoutNanos = Nanos.of("idleTimeout", idleTimeout, 1);
    return this;
  }

  /**
   * Sets how many peers are tracked at most, but for a bounded overshoot while threads record;
   * 1,000,000 unless set.
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
   * Sets the clock, in nanoseconds from any origin; {@link System#nanoTime} unless set. It is called
   * by many threads. What it throws reaches the caller and leaves the table as it was.
   */
  public BackoffTableBuilder nanoTime(LongSupplier nanoTime) {
    this.nanoTime = requireNonNull(nanoTime, "nanoTime");
    return this;
  }

  /** Returns a new, empty table. */
  public <P> ConcurrentBackoffTable<P> build() {
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
