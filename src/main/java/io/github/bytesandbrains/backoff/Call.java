package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One send with its permit, whose outcome it classifies and reports. */
final class Call<T extends @Nullable Object> {
  private final Permit permit;
  private final Function<? super T, Outcome> classifier;
  private final Function<? super Throwable, Outcome> throwableClassifier;

  Call(
      Permit permit,
      Function<? super T, Outcome> classifier,
      Function<? super Throwable, Outcome> throwableClassifier) {
    this.permit = permit;
    this.classifier = classifier;
    this.throwableClassifier = throwableClassifier;
  }

  T run(Callable<T> send) throws Exception {
    T result;
    try {
      result = send.call();
    } catch (Throwable thrown) {
      reportThrown(thrown);
      throw thrown;
    }
    reportResult(result);
    return result;
  }

  CompletableFuture<T> start(Supplier<? extends CompletionStage<T>> send) {
    try {
      return watch(requireNonNull(send.get(), "the stage that send returned"));
    } catch (Throwable thrown) {
      reportThrown(thrown);
      return CompletableFuture.failedFuture(thrown);
    }
  }

  private CompletableFuture<T> watch(CompletionStage<T> stage) {
    // Not a stage that depends on the send's: completing such a one from outside skips its action.
    CompletableFuture<T> future = new CompletableFuture<>();
    AtomicBoolean ended = new AtomicBoolean();
    stage.whenComplete((result, thrown) -> {
      ended.set(true);
      try {
        report(result, thrown);
      } catch (Throwable e) {
        future.completeExceptionally(e);
        return;
      }
      complete(future, result, thrown);
    });
    var unused = future.whenComplete((result, thrown) -> {
      if (!ended.get()) { // completed from outside
        report(result, thrown);
      }
    });
    return future;
  }

  private static <T extends @Nullable Object> void complete(
      CompletableFuture<T> future, T result, @Nullable Throwable thrown) {
    if (thrown == null) {
      future.complete(result);
    } else {
      future.completeExceptionally(thrown);
    }
  }

  private void report(T result, @Nullable Throwable thrown) {
    if (thrown == null) {
      reportResult(result);
    } else {
      reportThrown(thrown);
    }
  }

  private void reportResult(T result) {
    try (permit) { // released if the classifier throws
      permit.record(requireNonNull(classifier.apply(result), "the classifier's outcome"));
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very throwable, not an equal one
  private void reportThrown(Throwable thrown) {
    try (permit) {
      permit.record(
          requireNonNull(throwableClassifier.apply(thrown), "the throwable classifier's outcome"));
    } catch (Throwable e) { // of the classifier or the clock; what the send threw matters more
      if (e != thrown) { // which a classifier may throw again
        thrown.addSuppressed(e);
      }
    }
  }
}
