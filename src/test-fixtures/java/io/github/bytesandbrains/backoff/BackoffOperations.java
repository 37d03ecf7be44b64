package io.github.bytesandbrains.backoff;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The contract with explicit times, which the table and its specification share. */
interface BackoffOperations<P> {
  BackoffState recordFailure(P peer, long nowNanos);

  BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos);

  boolean recordSuccess(P peer);

  boolean postpone(P peer, long nowNanos, long delayNanos);

  boolean expedite(P peer, long nowNanos);

  boolean forget(P peer);

  void restoreState(P peer, BackoffState state);

  boolean replaceState(P peer, @Nullable BackoffState expected, @Nullable BackoffState next);

  boolean shouldRetry(P peer, long nowNanos);

  long remaining(P peer, long nowNanos);

  boolean isProbing(P peer, long nowNanos);

  Optional<BackoffState> state(P peer);

  int size();

  Map<P, BackoffState> snapshot();

  Optional<? extends PermitOperations> tryAcquire(P peer, long nowNanos);

  void cleanUp(long nowNanos);

  /** The same of a permit. Each method returns whether its outcome counted. */
  interface PermitOperations {
    boolean recordSuccess();

    boolean recordFailure(long nowNanos);

    boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos);

    boolean release();
  }
}
