package io.github.bytesandbrains.backoff;

import java.util.Map;
import java.util.Optional;

/** What tables have in common that are compared with each other: the contract, with explicit times. */
interface BackoffOperations<P> {
  BackoffState recordFailure(P peer, long nowNanos);

  BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos);

  boolean recordSuccess(P peer);

  void restoreState(P peer, BackoffState state);

  boolean shouldRetry(P peer, long nowNanos);

  long remaining(P peer, long nowNanos);

  Optional<BackoffState> state(P peer);

  int size();

  Map<P, BackoffState> snapshot();

  Optional<? extends Ticket> tryAcquire(P peer, long nowNanos);

  void cleanUp(long nowNanos);

  /** An attempt. Each method says whether its outcome counted. */
  interface Ticket {
    boolean succeeded();

    boolean failed(long nowNanos);

    boolean advised(long nowNanos, long minBackoffNanos);

    boolean abandoned();
  }
}
