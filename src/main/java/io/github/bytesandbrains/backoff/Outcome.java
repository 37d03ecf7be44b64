package io.github.bytesandbrains.backoff;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/**
 * What one send says about its peer: that it works, that it fails, how long to stay away, or
 * nothing. Immutable. Reported by {@link Permit#record(Outcome)}, and the result of the classifiers
 * of {@link ConcurrentBackoffTable#call(Object, java.util.concurrent.Callable,
 * java.util.function.Function)} and of {@link BackoffTableBuilder#throwableClassifier}.
 */
public final class Outcome {
  private static final Outcome SUCCESS = new Outcome(Kind.SUCCESS, 0);
  private static final Outcome FAILURE = new Outcome(Kind.FAILURE, 0);
  private static final Outcome NONE = new Outcome(Kind.NONE, 0);

  /** More wrappers than any library uses; a chain of causes may be a cycle. */
  private static final int MAX_WRAPPERS = 16;

  enum Kind {
    SUCCESS,
    FAILURE,
    ADVISORY,
    NONE
  }

  final Kind kind;
  final long minBackoffNanos;

  private Outcome(Kind kind, long minBackoffNanos) {
    this.kind = kind;
    this.minBackoffNanos = minBackoffNanos;
  }

  /** Returns the outcome of a send that the peer answered: the peer is forgotten. */
  public static Outcome success() {
    return SUCCESS;
  }

  /** Returns the outcome of a send that failed: the schedule says how long to stay away. */
  public static Outcome failure() {
    return FAILURE;
  }

  /**
   * Returns the outcome of a send to which the peer answered with how long to stay away.
   *
   * @param minBackoff a negative one counts as zero; the table's {@code maxAdvisory} bounds it
   */
  public static Outcome advisory(Duration minBackoff) {
    return new Outcome(Kind.ADVISORY, Nanos.ofAdvisory(minBackoff));
  }

  /** Returns the outcome of a send that says nothing about the peer: the permit is released. */
  public static Outcome none() {
    return NONE;
  }

  /**
   * Returns what a throwable says about the peer; the default of {@link
   * BackoffTableBuilder#throwableClassifier}. Wrappers are removed first: {@link
   * CompletionException}, {@link ExecutionException} and {@link UncheckedIOException}.
   *
   * <p>It is {@link #failure()} unless the throwable is one of these, which say nothing:
   *
   * <ul>
   *   <li>an {@link InterruptedException} or a {@link ClosedByInterruptException}; another {@link
   *       InterruptedIOException} if the calling thread is interrupted. A timeout is a failure: a
   *       {@link SocketTimeoutException}, and an {@link InterruptedIOException} without an
   *       interrupt, by which some HTTP clients report theirs;
   *   <li>a {@link CancellationException} or a {@link RejectedExecutionException};
   *   <li>a {@link PeerCoolingException}, itself or as a cause: a nested call was denied, so
   *       nothing was sent;
   *   <li>a fault of the program: any {@link Error}, and {@link IllegalArgumentException}, {@link
   *       IllegalStateException}, {@link NullPointerException}, {@link ClassCastException}, {@link
   *       IndexOutOfBoundsException}, {@link UnsupportedOperationException}, {@link
   *       ArithmeticException}, {@link NoSuchElementException} or {@link
   *       ConcurrentModificationException}.
   * </ul>
   *
   * <p>Subclasses are included, except {@link UnresolvedAddressException}: a peer that cannot be
   * found fails. An exception that a client throws for a response such as 404 is a failure unless a
   * classifier says otherwise.
   */
  public static Outcome of(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    return isInterruption(cause) || isRefusal(cause) || isDenial(cause) || isProgramFault(cause)
        ? NONE
        : FAILURE;
  }

  private static boolean isDenial(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < MAX_WRAPPERS && cause != null; i++) {
      if (cause instanceof PeerCoolingException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable unwrapped = thrown;
    for (int i = 0; i < MAX_WRAPPERS; i++) {
      Throwable cause = unwrapped.getCause();
      boolean wrapper = unwrapped instanceof CompletionException
          || unwrapped instanceof ExecutionException
          || unwrapped instanceof UncheckedIOException;
      if (!wrapper || cause == null) {
        break;
      }
      unwrapped = cause;
    }
    return unwrapped;
  }

  private static boolean isInterruption(Throwable thrown) {
    return thrown instanceof InterruptedException
        || thrown instanceof ClosedByInterruptException
        || (thrown instanceof InterruptedIOException
            && !(thrown instanceof SocketTimeoutException)
            && Thread.currentThread().isInterrupted());
  }

  private static boolean isRefusal(Throwable thrown) {
    return thrown instanceof CancellationException || thrown instanceof RejectedExecutionException;
  }

  private static boolean isProgramFault(Throwable thrown) {
    return thrown instanceof Error
        || (thrown instanceof IllegalArgumentException
            && !(thrown instanceof UnresolvedAddressException))
        || thrown instanceof IllegalStateException
        || thrown instanceof NullPointerException
        || thrown instanceof ClassCastException
        || thrown instanceof IndexOutOfBoundsException
        || thrown instanceof UnsupportedOperationException
        || thrown instanceof ArithmeticException
        || thrown instanceof NoSuchElementException
        || thrown instanceof ConcurrentModificationException;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Outcome other
        && kind == other.kind
        && minBackoffNanos == other.minBackoffNanos;
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + Long.hashCode(minBackoffNanos);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case SUCCESS -> "success";
      case FAILURE -> "failure";
      case ADVISORY -> "advisory " + Duration.ofNanos(minBackoffNanos);
      case NONE -> "none";
    };
  }
}
