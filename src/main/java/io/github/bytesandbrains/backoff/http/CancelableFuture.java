package io.github.bytesandbrains.backoff.http;

import java.util.concurrent.CompletableFuture;

/** Stops an exchange by {@code cancel(true)}, as the JDK's futures do; derived ones do so too. */
final class CancelableFuture<T> extends CompletableFuture<T> {
  private final Runnable stop;

  CancelableFuture(Runnable stop) {
    this.stop = stop;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled && mayInterruptIfRunning) {
      stop.run();
    }
    return cancelled;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CancelableFuture<>(stop);
  }
}
