package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** {@code call} and {@code callAsync}. */
final class CallTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  /** Makes the peer due: its cooldown has just ended. */
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
  void call_throws_isAFailureAndIsRethrown() {
    IOException broken = new IOException("broken pipe");

    assertThatThrownBy(() -> table.call("a", () -> {
          throw broken;
        }))
        .isSameAs(broken);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("io.github.bytesandbrains.backoff.OutcomeTest#sayNothing")
  void call_throwableThatSaysNothingAboutThePeer_isReleased(Throwable thrown) {
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

  @Test
  void callAsync_sendFails_isAFailure() {
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletableFuture<String> future = table.callAsync("a", () -> reply.thenApply(s -> s));
    assertThat(table.isEmpty()).as("still in flight").isTrue();

    reply.completeExceptionally(new SocketTimeoutException()); // arrives as a CompletionException

    assertThat(future).isCompletedExceptionally();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  @Test
  void callAsync_completes_isASuccess() {
    due("a");
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletableFuture<String> future = table.callAsync("a", () -> reply);
    assertThat(table.tryAcquire("a")).as("the probe is in flight").isEmpty();

    reply.complete("pong");

    assertThat(future).isCompletedWithValue("pong");
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void callAsync_coolingPeer_isAFutureThatFails() {
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
  void callAsync_stageOfNull_releasesThePermit() {
    due("a");

    assertThat(table.callAsync("a", () -> null))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(NullPointerException.class)
        .withMessage("the stage that send returned");

    assertThat(table.isProbing("a")).isFalse();
    assertThat(table.state("a").orElseThrow().attempts())
        .as("a bug of the program")
        .isEqualTo(1);
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
  void call_ownThrowableClassifier_decides() {
    ConcurrentBackoffTable<String> picky = ConcurrentBackoffTable.builder()
        .throwableClassifier(thrown -> thrown instanceof IOException
            ? Outcome.advisory(Duration.ofSeconds(3))
            : Outcome.none())
        .nanoTime(clock)
        .build();

    assertThatThrownBy(() -> picky.call("a", () -> {
          throw new URISyntaxException("a bug of ours", "ours");
        }))
        .hasMessageContaining("a bug of ours");
    assertThat(picky.isEmpty()).isTrue();
    assertThatThrownBy(() -> picky.call("a", () -> {
          throw new IOException("theirs");
        }))
        .hasMessage("theirs");
    assertThat(picky.remaining("a")).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void call_throwableClassifierThatThrowsItsArgument_releasesAndThrowsIt() {
    ConcurrentBackoffTable<String> rethrowing = ConcurrentBackoffTable.builder()
        .throwableClassifier(thrown -> {
          throw CallTest.<RuntimeException>sneaky(thrown);
        })
        .nanoTime(clock)
        .build();
    IOException thrown = new IOException("broken pipe");

    assertThatThrownBy(() -> rethrowing.call("a", () -> {
          throw thrown;
        }))
        .isSameAs(thrown);
    assertThat(rethrowing.isEmpty()).isTrue();
  }

  static final List<Function<Throwable, Outcome>> faultyThrowableClassifiers = List.of(
      thrown -> {
        throw new IllegalStateException("classifier is broken");
      },
      thrown -> none());

  /** The null that a caller without a null checker may return. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T none() {
    return null;
  }

  @ParameterizedTest
  @FieldSource("faultyThrowableClassifiers")
  void call_throwableClassifierThatFails_releasesAndThrowsWhatTheSendThrew(
      Function<Throwable, Outcome> classifier) {
    ConcurrentBackoffTable<String> broken = ConcurrentBackoffTable.builder()
        .throwableClassifier(classifier)
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
        .satisfies(t -> assertThat(t.getSuppressed()).hasSize(1));
    assertThat(broken.state("a")).isEqualTo(before);
  }

  @Test
  void call_classifierOfTheResult_decides() throws Exception {
    assertThat(table.call(
            "a",
            () -> 503,
            status -> status == 503 ? Outcome.advisory(Duration.ofSeconds(30)) : Outcome.success()))
        .isEqualTo(503);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));

    table.call("b", () -> 500, status -> Outcome.failure());
    assertThat(table.remaining("b")).isEqualTo(Duration.ofMillis(10));
    clock.advance(Duration.ofMillis(10));
    table.call("b", () -> 400, status -> Outcome.none());
    assertThat(table.shouldRetry("b")).as("the lease was given back").isTrue();
    table.call("b", () -> 200, status -> Outcome.success());
    assertThat(table.snapshot()).containsOnlyKeys("a");
  }

  static final List<Function<Object, Outcome>> faultyClassifiers = List.of(
      result -> {
        throw new IllegalStateException("classifier is broken");
      },
      result -> none());

  @ParameterizedTest
  @FieldSource("faultyClassifiers")
  void call_classifierThatFails_releasesAndReachesTheCaller(Function<Object, Outcome> classifier) {
    BackoffState before = due("a");

    assertThatThrownBy(() -> table.call("a", () -> "pong", classifier))
        .isInstanceOf(RuntimeException.class);
    assertThat(table.state("a")).containsSame(before);

    assertThat(table.callAsync("a", () -> CompletableFuture.completedFuture("pong"), classifier))
        .isCompletedExceptionally();
    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void callAsync_stageThatCannotBeWatched_releasesThePermit() {
    BackoffState before = due("a");
    CompletableFuture<String> odd = new CompletableFuture<>() {
      @Override
      public CompletableFuture<String> whenComplete(
          BiConsumer<? super String, ? super Throwable> action) {
        throw new UnsupportedOperationException("whenComplete");
      }
    };

    assertThat(table.callAsync("a", () -> odd)).isCompletedExceptionally();
    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void callAsync_classifierOfTheResult_decides() {
    CompletableFuture<Integer> reply = new CompletableFuture<>();
    CompletableFuture<Integer> future =
        table.callAsync("a", () -> reply, status -> Outcome.advisory(Duration.ofSeconds(status)));

    reply.complete(7);

    assertThat(future).isCompletedWithValue(7);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void callAsync_completesWithNull_isASuccess() {
    due("a");

    assertThat(
            table.callAsync("a", () -> CompletableFuture.<@Nullable String>completedFuture(null)))
        .isCompletedWithValue(null);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void callAsync_cancelled_givesTheLeaseBackAndTheSendStillCounts() {
    due("a");
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletableFuture<String> future = table.callAsync("a", () -> reply);

    assertThat(future.cancel(true)).isTrue();
    assertThat(table.shouldRetry("a")).isTrue();
    assertThat(table.isProbing("a")).isFalse();
    assertThat(reply).as("the send continues").isNotDone();

    reply.complete("pong");
    assertThat(table.isEmpty()).as("its success counts").isTrue();
  }

  @Test
  void callAsync_completedFromOutside_isReportedOnce() {
    List<Integer> classified = new ArrayList<>();
    CompletableFuture<Integer> reply = new CompletableFuture<>();
    due("a");
    CompletableFuture<Integer> future = table.callAsync("a", () -> reply, status -> {
      classified.add(status);
      return Outcome.success();
    });

    future.complete(1);
    assertThat(table.isEmpty()).isTrue();
    table.recordFailure("a");
    reply.complete(2);

    assertThat(classified).as("the send ended later").containsExactly(1, 2);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1);
  }

  @Test
  void callAsync_completesByItself_classifiesOnce() {
    List<Integer> classified = new ArrayList<>();
    table
        .callAsync("a", () -> CompletableFuture.completedFuture(1), status -> {
          classified.add(status);
          return Outcome.none();
        })
        .join();

    assertThat(classified).containsExactly(1);
  }

  @Test
  void callAsync_futureCompletes_outcomeIsInEffect() {
    CompletableFuture<String> reply = new CompletableFuture<>();
    CompletableFuture<Boolean> cooling =
        table.callAsync("a", () -> reply).handle((pong, thrown) -> !table.shouldRetry("a"));

    reply.completeExceptionally(new IOException("refused"));

    assertThat(cooling).isCompletedWithValue(true);
  }

  @Test
  void call_nullArguments_areNamed() {
    assertThatNullPointerException().isThrownBy(() -> table.call("a", none())).withMessage("send");
    assertThatNullPointerException()
        .isThrownBy(() -> table.call("a", () -> 1, none()))
        .withMessage("classifier");
    assertThatNullPointerException()
        .isThrownBy(() -> table.callAsync("a", none()))
        .withMessage("send");
    assertThatNullPointerException()
        .isThrownBy(() -> table.callAsync("a", CompletableFuture::new, none()))
        .withMessage("classifier");
    assertThat(table.stats().granted()).isZero();
  }
}
