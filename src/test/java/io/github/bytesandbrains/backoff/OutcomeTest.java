package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class OutcomeTest {
  static final List<Throwable> sayNothing = List.of(
      new InterruptedException(),
      new ClosedByInterruptException(),
      new CancellationException(),
      new RejectedExecutionException(),
      new PeerCoolingException("another", Duration.ofSeconds(1)),
      new OutOfMemoryError(),
      new AssertionError(),
      new IllegalArgumentException(),
      new IllegalStateException(),
      new NullPointerException(),
      new ClassCastException(),
      new IndexOutOfBoundsException(),
      new UnsupportedOperationException(),
      new ArithmeticException(),
      new NoSuchElementException(),
      new ConcurrentModificationException(),
      new NumberFormatException(),
      new CompletionException(new CancellationException()),
      new ExecutionException(new CompletionException(new CancellationException())),
      new UncheckedIOException(new ClosedByInterruptException()));

  static final List<Throwable> failures = List.of(
      new IOException(),
      new InterruptedIOException("timeout"), // a call timeout of OkHttp
      new InterruptedIOException() {}, // a connect timeout of Apache HttpClient 4
      new SocketTimeoutException(),
      new UnresolvedAddressException(),
      new TimeoutException(),
      new RuntimeException("from a client library"),
      new Exception(),
      new UncheckedIOException(new IOException()),
      new CompletionException(new SocketTimeoutException()),
      new CompletionException("without a cause", null));

  @ParameterizedTest
  @FieldSource("sayNothing")
  void of_saysNothingAboutThePeer_isNone(Throwable thrown) {
    assertThat(Outcome.of(thrown)).isSameAs(Outcome.none());
  }

  @ParameterizedTest
  @FieldSource("failures")
  void of_failureOfThePeer_isAFailure(Throwable thrown) {
    assertThat(Outcome.of(thrown)).isSameAs(Outcome.failure());
  }

  @Test
  void of_denialOfANestedCall_saysNothing() {
    PeerCoolingException denial = new PeerCoolingException("backend", Duration.ofSeconds(1));

    assertThat(Outcome.of(new IOException("denied", denial))).isEqualTo(Outcome.none());
    assertThat(Outcome.of(new IllegalMonitorStateException())).isEqualTo(Outcome.failure());
  }

  @Test
  void of_interruptedIo_isNoneOnlyIfTheThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    try {
      assertThat(Outcome.of(new InterruptedIOException())).isEqualTo(Outcome.none());
      assertThat(Outcome.of(new SocketTimeoutException())).isEqualTo(Outcome.failure());
      assertThat(Thread.currentThread().isInterrupted()).as("kept").isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void of_cycleOfCauses_ends() {
    class Cyclic extends CompletionException {
      private static final long serialVersionUID = 1;

      @Override
      public synchronized Throwable getCause() {
        return this;
      }
    }

    assertThat(Outcome.of(new Cyclic())).isEqualTo(Outcome.failure());
  }

  @Test
  void of_null_isRejected() {
    assertThatNullPointerException().isThrownBy(() -> Outcome.of(nothing()));
  }

  @Test
  void advisory_negative_countsAsZero() {
    assertThat(Outcome.advisory(Duration.ofSeconds(-1))).isEqualTo(Outcome.advisory(Duration.ZERO));
    assertThat(Outcome.advisory(Duration.ofSeconds(Long.MIN_VALUE)))
        .isEqualTo(Outcome.advisory(Duration.ZERO));
    assertThat(Outcome.advisory(Duration.ofSeconds(Long.MAX_VALUE)))
        .isEqualTo(Outcome.advisory(Duration.ofNanos(Long.MAX_VALUE)));
    assertThatNullPointerException()
        .isThrownBy(() -> Outcome.advisory(nothing()))
        .withMessage("minBackoff");
  }

  /** The null that a caller without a null checker may pass. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  @Test
  void equals_differentOutcomes_areNotEqual() {
    List<Outcome> outcomes = List.of(
        Outcome.success(),
        Outcome.failure(),
        Outcome.none(),
        Outcome.advisory(Duration.ZERO),
        Outcome.advisory(Duration.ofSeconds(1)));

    assertThat(outcomes).doesNotHaveDuplicates();
    assertThat(outcomes.toString())
        .isEqualTo("[success, failure, none, advisory PT0S, advisory PT1S]");
    assertThat(Outcome.advisory(Duration.ofSeconds(1)))
        .isEqualTo(Outcome.advisory(Duration.ofSeconds(1)))
        .hasSameHashCodeAs(Outcome.advisory(Duration.ofSeconds(1)))
        .isNotEqualTo((@Nullable Object) null);
  }

  @Test
  void of_otherIoExceptionOfAnInterruptedThread_isAFailure() {
    Thread.currentThread().interrupt();
    try {
      assertThat(Outcome.of(new IOException())).isEqualTo(Outcome.failure());
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void of_causeOfAnExceptionThatIsNoWrapper_isIgnored() {
    assertThat(Outcome.of(new IOException(new CancellationException())))
        .isEqualTo(Outcome.failure());
    assertThat(Outcome.of(new ExecutionException(new CancellationException())))
        .isEqualTo(Outcome.none());
  }

  @Test
  void hashCode_differentOutcomes_differs() {
    assertThat(Outcome.advisory(Duration.ofNanos(1)).hashCode())
        .isNotEqualTo(Outcome.advisory(Duration.ofNanos(2)).hashCode())
        .isEqualTo(31 * Outcome.Kind.ADVISORY.hashCode() + 1);
    assertThat(Outcome.success()).isNotEqualTo("success");
  }
}
