package io.github.bytesandbrains.backoff;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What compared tables have in common: the contract, with explicit times. */
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

  Optional<? extends Ticket> tryAcquire(P peer, long nowNanos);

  void cleanUp(long nowNanos);

  /** A permit. Each method says whether its outcome counted. */
  interface Ticket {
    boolean recordSuccess();

    boolean recordFailure(long nowNanos);

    boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos);

    boolean release();
  }
}
