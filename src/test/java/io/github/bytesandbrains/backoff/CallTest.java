package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sends that are attempts of their own: {@code call} and {@code callAsync}. */
final class CallTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  /** A peer whose cooldown has just ended. */
  private BackoffState due(String peer) {
    BackoffState state = table.recordFailure(peer);
    clock.advance(Duration.ofMillis(10));
    return state;
  }

  @Test
  void call_returns_isASuccess() throws Exception {
    due("a");

    assertThat(table.call("a", () -> "pong")).isEqualTo("pong");
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void call_coolingPeer_throwsHowLong() {
    table.recordFailure("a");

    assertThatExceptionOfType(PeerCoolingException.class)
        .isThrownBy(() -> table.call("a", () -> {
          throw new AssertionError("was run");
        }))
        .withMessage("a is cooling for another PT0.01S")
        .satisfies(e -> assertThat(e.remaining()).isEqualTo(Duration.ofMillis(10)));
  }

  @Test
  void call_throws_isAFailureAndIsThrownOn() {
    IOException broken = new IOException("broken pipe");

    assertThatThrownBy(() -> table.call("a", () -> {
          throw broken;
        }))
        .isSameAs(broken);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  static Stream<Throwable> saysNothingAboutThePeer() {
    return Stream.of(
        new InterruptedException(),
        new ClosedByInterruptException(),
        new InterruptedIOException(),
        new CancellationException(),
        new RejectedExecutionException(),
        new OutOfMemoryError());
  }

  @ParameterizedTest
  @MethodSource("saysNothingAboutThePeer")
  void call_throwsWhatSaysNothingAboutThePeer_isAbandoned(Throwable thrown) {
    BackoffState before = due("a");

    assertThatThrownBy(() -> table.call("a", () -> {
          throw sneaky(thrown);
        }))
        .isSameAs(thrown);
    assertThat(table.state("a")).containsSame(before);

    assertThat(table.callAsync("a", () -> CompletableFuture.failedFuture(thrown)))
        .isCompletedExceptionally();
    assertThat(table.state("a")).containsSame(before);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
    throw (E) thrown;
  }

  static Stream<Throwable> isThePeersFault() {
    return Stream.of(new SocketTimeoutException(), new IOException(), new IllegalStateException());
  }

  @ParameterizedTest
  @MethodSource("isThePeersFault")
  void callAsync_failsOfThePeersFault_isAFailure(Throwable thrown) {
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletionStage<String> stage = table.callAsync("a", () -> reply.thenApply(s -> s));
    assertThat(table.isEmpty()).as("still in flight").isTrue();

    reply.completeExceptionally(thrown); // arrives as a CompletionException

    assertThat(stage).isCompletedExceptionally();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  static Stream<Throwable> wrapped() {
    Throwable cancelled = new CancellationException();
    return Stream.of(
        new CompletionException(cancelled),
        new ExecutionException(cancelled),
        new ExecutionException(new CompletionException(cancelled)));
  }

  @ParameterizedTest
  @MethodSource("wrapped")
  void callAsync_failsWithWhatWrapsACancellation_isAbandoned(Throwable thrown) {
    BackoffState before = due("a");

    assertThat(table.callAsync("a", () -> CompletableFuture.failedFuture(thrown)))
        .isCompletedExceptionally();

    assertThat(table.state("a")).containsSame(before);
    assertThat(table.shouldRetry("a")).isTrue();
  }

  @Test
  void call_throwsAWrappedFault_asksThePredicateAboutTheFault() {
    List<Throwable> asked = new ArrayList<>();
    ConcurrentBackoffTable<String> asking =
        ConcurrentBackoffTable.builder().peerFailure(asked::add).nanoTime(clock).build();
    IOException fault = new IOException("broken pipe", new IllegalStateException("its own cause"));

    assertThatThrownBy(() -> asking.call("a", () -> {
          throw new ExecutionException(fault);
        }))
        .isInstanceOf(ExecutionException.class);

    assertThat(asked).containsExactly(fault);
  }

  @Test
  void call_throwsAWrapperOfNothing_asksThePredicateAboutTheWrapper() {
    List<Throwable> asked = new ArrayList<>();
    ConcurrentBackoffTable<String> asking =
        ConcurrentBackoffTable.builder().peerFailure(asked::add).nanoTime(clock).build();
    CompletionException empty = new CompletionException("no cause", null);

    assertThatThrownBy(() -> asking.call("a", () -> {
          throw empty;
        }))
        .isSameAs(empty);

    assertThat(asked).containsExactly(empty);
  }

  @Test
  void callAsync_completes_isASuccess() {
    due("a");
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletionStage<String> stage = table.callAsync("a", () -> reply);
    assertThat(table.tryAcquire("a")).as("the probe is in flight").isEmpty();

    reply.complete("pong");

    assertThat(stage).isCompletedWithValue("pong");
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void callAsync_coolingPeer_isAStageThatFails() {
    table.recordFailure("a");

    assertThat(table.callAsync("a", () -> {
          throw new AssertionError("was run");
        }))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(PeerCoolingException.class);
  }

  @Test
  void callAsync_stageOfNull_leavesNoProbeOpen() {
    due("a");

    assertThat(table.callAsync("a", () -> null))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(NullPointerException.class)
        .withMessage("the stage that send returned");

    assertThat(table.probes.size()).isZero();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
  }

  @Test
  void callAsync_cannotStart_isAFailure() {
    assertThat(table.callAsync("a", () -> {
          throw new CompletionException(new IOException("no route"));
        }))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingRootCause()
        .withMessage("no route");
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  @Test
  void call_callersOwnPredicate_decides() {
    ConcurrentBackoffTable<String> picky = ConcurrentBackoffTable.builder()
        .peerFailure(thrown -> thrown instanceof IOException)
        .nanoTime(clock)
        .build();

    assertThatThrownBy(() -> picky.call("a", () -> {
          throw new IllegalStateException("a bug of ours");
        }))
        .hasMessage("a bug of ours");
    assertThat(picky.isEmpty()).isTrue();
    assertThatThrownBy(() -> picky.call("a", () -> {
          throw new IOException("theirs");
        }))
        .hasMessage("theirs");
    assertThat(picky.size()).isEqualTo(1);
  }

  @Test
  void call_predicateThatThrows_abandonsAndThrowsWhatTheSendThrew() {
    RuntimeException bug = new IllegalStateException("predicate is broken");
    ConcurrentBackoffTable<String> broken = ConcurrentBackoffTable.builder()
        .peerFailure(thrown -> {
          throw bug;
        })
        .nanoTime(clock)
        .build();
    broken.recordFailure("a");
    Optional<BackoffState> before = broken.state("a");
    clock.advance(Duration.ofMillis(10));
    IOException thrown = new IOException("broken pipe");

    assertThatThrownBy(() -> broken.call("a", () -> {
          throw thrown;
        }))
        .isSameAs(thrown)
        .hasSuppressedException(bug);
    assertThat(broken.state("a")).isEqualTo(before);
  }
}
