package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The ticket of one admitted send, from {@link ConcurrentBackoffTable#tryAcquire(Object)}. It
 * records one outcome, in the verbs of the table:
 *
 * <pre>{@code
 * try {
 *   Reply reply = send(peer);
 *   if (reply.isBusy()) {
 *     permit.recordRemoteAdvisory(reply.retryAfter());
 *   } else {
 *     permit.recordSuccess();
 *   }
 * } catch (IOException e) {
 *   permit.recordFailure();
 * } finally {
 *   permit.close(); // releases it if nothing was recorded
 * }
 * }</pre>
 *
 * <p><b>The rule.</b> An outcome counts if and only if no other outcome was recorded for the peer
 * since the permit was acquired. Otherwise it is <em>stale</em>: {@link BackoffStats} counts it,
 * and nothing changes, except that a stale advisory still postpones the peer. So one outage is one
 * failure, however many sends were in flight, and a late success does not clear a newer backoff.
 * If the peer is idle, was evicted, or its recovery marker has expired, any outcome counts. The
 * success of a healthy peer counts but changes nothing, so for other permits it is not an outcome.
 *
 * <p><b>The probe.</b> A permit for a due peer is the probe. Nobody else is admitted until it
 * reports, is released, its lease expires, or the peer is expedited. A lease is not an outcome: a
 * probe that is slower than its lease is still heard, unless another outcome came in between.
 *
 * <p><b>Once.</b> The first outcome of a permit is the only one. Each method that records returns
 * whether its own counted: it was the first of this permit and not stale. Releasing is not an
 * outcome: one that is recorded later still counts by the rule. So does a failure in the {@code
 * catch} of a {@code try (permit)}, which closes the permit first; but a probe that is closed lets
 * the next caller in at once, so prefer the form above.
 *
 * <p>Thread-safe: the outcome may come from any thread, and takes effect atomically.
 */
public final class Permit implements AutoCloseable {
  private static final AtomicIntegerFieldUpdater<Permit> STATUS =
      AtomicIntegerFieldUpdater.newUpdater(Permit.class, "status");

  private static final int OPEN = 0;
  private static final int RELEASED = 1;
  static final int REPORTED = 2;

  private final ConcurrentBackoffTable<Object> table;
  final Object peer;
  private final @Nullable Held expected;
  final boolean isProbe;
  private volatile int status = OPEN;

  /** @param expected the peer's last outcome as the send begins; null if there is none */
  @SuppressWarnings("unchecked") // the table is only asked about this peer, which is its own
  <P> Permit(ConcurrentBackoffTable<P> table, P peer, @Nullable Held expected, boolean isProbe) {
    this.table = (ConcurrentBackoffTable<Object>) table;
    this.peer = peer;
    this.expected = expected;
    this.isProbe = isProbe;
  }

  /** Records that the send succeeded: the peer is forgotten. */
  public boolean recordSuccess() {
    return table.recordSuccessOf(this);
  }

  /** {@link #recordFailure(long)}, now. */
  public boolean recordFailure() {
    return recordFailure(table.nanoTime());
  }

  /**
   * Records that the send failed; see {@link ConcurrentBackoffTable#recordFailure(Object, long)}.
   */
  public boolean recordFailure(long nowNanos) {
    return table.recordFailureOf(this, nowNanos);
  }

  /** {@link #recordRemoteAdvisory(long, long)}, now. */
  public boolean recordRemoteAdvisory(Duration minBackoff) {
    long minBackoffNanos = Nanos.ofAdvisory(minBackoff);
    return recordRemoteAdvisory(table.nanoTime(), minBackoffNanos);
  }

  /**
   * Records the delay that the peer requested; see {@link
   * ConcurrentBackoffTable#recordRemoteAdvisory(Object, long, long)}. A stale one returns false,
   * and postpones the peer as {@link ConcurrentBackoffTable#postpone(Object, long, long)} does.
   *
   * @param minBackoffNanos a negative one counts as 0
   */
  public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
    return table.recordRemoteAdvisoryOf(this, nowNanos, minBackoffNanos);
  }

  /** {@link #record(Outcome, long)}, now. Reads the table's clock only if the outcome needs it. */
  public boolean record(Outcome outcome) {
    requireNonNull(outcome, "outcome");
    boolean timed = outcome.kind == Outcome.Kind.FAILURE || outcome.kind == Outcome.Kind.ADVISORY;
    return record(outcome, timed ? table.nanoTime() : 0);
  }

  /** Records an outcome; {@link Outcome#none()} releases the permit, as {@link #release()} does. */
  public boolean record(Outcome outcome, long nowNanos) {
    requireNonNull(outcome, "outcome");
    return switch (outcome.kind) {
      case SUCCESS -> recordSuccess();
      case FAILURE -> recordFailure(nowNanos);
      case ADVISORY -> recordRemoteAdvisory(nowNanos, outcome.minBackoffNanos);
      case NONE -> release();
    };
  }

  /**
   * Says that nothing was learned about the peer: the send was cancelled, or never reached it. A
   * probe gives its lease back, so that another is admitted at once. Does nothing after an outcome.
   *
   * @return whether this released the permit; for a probe, whether its lease was still there
   */
  public boolean release() {
    return table.release(this);
  }

  /** {@link #release()}. */
  @Override
  public void close() {
    if (isOpen()) { // after an outcome there is nothing to wait for
      release();
    }
  }

  /** Whether an outcome of this permit would count: the rule. */
  @SuppressWarnings("ReferenceEquality") // the very outcome, not an equal one
  boolean isCurrent(@Nullable Held live) {
    Held outcome = Held.outcome(live);
    return outcome == null || outcome == expected;
  }

  /** Takes the right to report; false if another outcome of this permit came first. */
  boolean tryReport() {
    return STATUS.getAndSet(this, REPORTED) != REPORTED;
  }

  /** {@link #tryReport()}, unless the status has changed since it was read. */
  boolean tryReport(int seen) {
    return STATUS.compareAndSet(this, seen, REPORTED);
  }

  int status() {
    return status;
  }

  /** Takes the right to release; false if an outcome or another release came first. */
  boolean tryRelease() {
    return STATUS.compareAndSet(this, OPEN, RELEASED);
  }

  /** Whether neither an outcome nor a release was seen yet. */
  boolean isOpen() {
    return status == OPEN;
  }

  @Override
  public String toString() {
    String word = isOpen() ? "open" : status == RELEASED ? "released" : "reported";
    return "Permit[peer=" + peer + ", " + (isProbe ? "probe, " : "") + word + "]";
  }
}
