package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;
import static java.util.Objects.requireNonNull;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ticket of one admitted send, from {@link ConcurrentBackoffTable#tryAcquire(Object)}, to be told
 * one outcome:
 *
 * <pre>{@code
 * try (attempt) { // without an outcome: abandoned
 *   Reply reply = send(peer);
 *   switch (reply.status()) {
 *     case OK -> attempt.succeeded();
 *     case BUSY -> attempt.advised(reply.retryAfter());
 *     case FAILED -> attempt.failed();
 *   }
 * }
 * }</pre>
 *
 * <p>Mind that a {@code try} closes its resource <em>before</em> its own {@code catch} runs, which is
 * too late for {@link #failed}. Where a send throws, {@link ConcurrentBackoffTable#call} is right.
 *
 * <p>An outcome counts only if the peer's state is still the one that the attempt began with. Else it
 * is <em>stale</em>: it is counted in the {@link BackoffStats} and changes nothing. So an outage is one
 * failure, however many sends were in flight, and a late success does not clear a newer backoff. Only
 * the first outcome is heard; each method returns whether its own counted.
 *
 * <p>An attempt at a due peer is the <em>probe</em>: no other is admitted until it has an outcome, or
 * until its lease has run out. A probe that has run out <em>lapses</em> when another is admitted, and
 * is not heard any more.
 *
 * <p>Thread-safe: the outcome may come from any thread, and takes effect atomically. Who is told that
 * an outcome came first finds it in effect.
 */
public final class Attempt implements AutoCloseable {
  private final ConcurrentBackoffTable<Object> table;
  private final Object peer;
  final @Nullable Lease lease;
  private final AtomicBoolean settled;

  /** What admitting a probe did to the state of its peer, and whether the probe has an outcome. */
  record Lease(BackoffState before, BackoffState state, AtomicBoolean settled) {}

  /** An attempt at a peer that has no state, or the probe of one that is leased to it. */
  @SuppressWarnings("unchecked") // the table is only asked about this peer, which is its own
  <P> Attempt(ConcurrentBackoffTable<P> table, P peer, @Nullable Lease lease) {
    this.table = (ConcurrentBackoffTable<Object>) table;
    this.peer = peer;
    this.lease = lease;
    this.settled = lease == null ? new AtomicBoolean() : lease.settled();
  }

  /** Tells that the send succeeded: the peer is forgotten. */
  public boolean succeeded() {
    if (!settle(FORGOTTEN)) {
      return false;
    }
    if (lease != null) { // else nothing was tracked
      table.counters.successes.increment();
      table.counters.succeededProbes.increment();
    }
    return true;
  }

  /** {@link #failed(long)}, now. */
  public boolean failed() {
    return failed(table.nanoTime());
  }

  /** Tells that the send failed; see {@link ConcurrentBackoffTable#recordFailure(Object, long)}. */
  public boolean failed(long nowNanos) {
    BackoffState next = table.afterFailure(begun(), nowNanos);
    if (!settle(next)) {
      return false;
    }
    countFailedProbe();
    table.failed(next);
    return true;
  }

  /**
   * {@link #advised(long, long)}, now.
   *
   * @throws IllegalArgumentException if {@code minBackoff} is negative
   */
  public boolean advised(Duration minBackoff) {
    long minBackoffNanos = Nanos.of("minBackoff", minBackoff, 0);
    return advised(table.nanoTime(), minBackoffNanos);
  }

  /**
   * Tells that the peer said how long to stay away; see {@link
   * ConcurrentBackoffTable#recordRemoteAdvisory(Object, long, long)}.
   *
   * @throws IllegalArgumentException if {@code minBackoffNanos} is negative
   */
  public boolean advised(long nowNanos, long minBackoffNanos) {
    BackoffState next = table.afterAdvisory(begun(), nowNanos, minBackoffNanos);
    if (!settle(next)) {
      return false;
    }
    countFailedProbe();
    table.advised(next, minBackoffNanos);
    return true;
  }

  private void countFailedProbe() {
    if (lease != null) {
      table.counters.failedProbes.increment();
    }
  }

  /**
   * Tells that the send says nothing about the peer: it was cancelled, or did not get as far as the
   * peer. A probe gives its lease back, so that another is admitted at once.
   */
  public boolean abandoned() {
    if (lease == null) {
      return settleUnchanged();
    }
    if (!settle(lease.before())) {
      return false;
    }
    table.counters.abandonedProbes.increment();
    return true;
  }

  /** Without an outcome so far, {@link #abandoned()}; else nothing. */
  @Override
  public void close() {
    abandoned();
  }

  /** Runs the send and tells its outcome. */
  <T extends @Nullable Object> T call(Callable<T> send) throws Exception {
    T result;
    try {
      result = send.call();
    } catch (Throwable thrown) {
      threw(thrown);
      throw thrown;
    }
    succeeded();
    return result;
  }

  /** Starts the send and tells its outcome once that is there. */
  <T extends @Nullable Object> CompletionStage<T> callAsync(
      Supplier<? extends CompletionStage<T>> send) {
    CompletionStage<T> stage;
    try {
      stage = requireNonNull(send.get(), "the stage that send returned");
    } catch (Throwable thrown) {
      threw(thrown);
      return CompletableFuture.failedFuture(thrown);
    }
    return stage.whenComplete((result, thrown) -> {
      if (thrown == null) {
        succeeded();
      } else {
        threw(thrown);
      }
    });
  }

  private void threw(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    try (this) {
      if (table.peerFailure.test(cause)) {
        failed();
      }
    } catch (RuntimeException e) { // of the caller's predicate or clock; theirs is what was thrown
      thrown.addSuppressed(e);
    }
  }

  /** The default of {@link BackoffTableBuilder#peerFailure}. */
  static boolean isPeerFailure(Throwable thrown) {
    return !(thrown instanceof Error
        || thrown instanceof InterruptedException
        || thrown instanceof ClosedByInterruptException
        || (thrown instanceof InterruptedIOException && !(thrown instanceof SocketTimeoutException))
        || thrown instanceof CancellationException
        || thrown instanceof RejectedExecutionException);
  }

  private BackoffState begun() {
    return lease == null ? FORGOTTEN : lease.state();
  }

  /**
   * Puts {@code next} in the place of the state that the attempt began with, or is stale. To be the
   * first outcome and to change the state is one step: who comes second finds the change made.
   */
  @SuppressWarnings("ReferenceEquality") // that very state, not one like it
  private boolean settle(BackoffState next) {
    BackoffState begun = begun();
    var outcome = new Object() {
      boolean first;
      boolean current;
    };
    if (begun == next) {
      outcome.current = table.get(peer) == null;
      outcome.first = settleUnchanged();
    } else {
      table.update(peer, state -> {
        outcome.first = settled.compareAndSet(false, true);
        outcome.current = state == begun;
        return outcome.first && outcome.current ? next : state;
      });
    }
    return outcome.first && counted(outcome.current);
  }

  /** Settles with an outcome that changes no state. */
  private boolean settleUnchanged() {
    boolean first = settled.compareAndSet(false, true);
    if (!first) {
      table.awaitUpdate(peer); // by the first
    }
    return first;
  }

  private boolean counted(boolean current) {
    if (lease != null) {
      table.probes.close(lease.state());
    }
    if (!current) {
      table.counters.staleOutcomes.increment();
    }
    return current;
  }
}
