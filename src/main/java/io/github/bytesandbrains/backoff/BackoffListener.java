package io.github.bytesandbrains.backoff;

/**
 * Learns of what was recorded in a table; see {@link ConcurrentBackoffTable#addListener}.
 *
 * <p>The thread that made the change calls the listener, after the change is visible and outside of
 * every lock. So a slow listener delays that thread alone, and the notifications of one peer may
 * arrive in another order than its changes: the table has the latest state. A listener may use the
 * table. What it throws is logged by the {@link System.Logger} of the root package's name and
 * reaches nobody else.
 *
 * @param <P> the type of the peers
 */
@FunctionalInterface
public interface BackoffListener<P> {

  /** What happened to a peer. Steering is not reported, nor are other stale outcomes. */
  enum Change {
    /** A failure was recorded. */
    FAILED,
    /** A delay that the peer requested was recorded; also a stale one, if it postponed the peer. */
    ADVISED,
    /** A tracked peer succeeded and is forgotten. */
    SUCCEEDED,
    /** The peer was idle, or one of too many. The thread that did the maintenance reports it. */
    EVICTED
  }

  /**
   * Called after a change.
   *
   * @param state the new state, or the last one if the peer is forgotten
   */
  void changed(P peer, Change change, BackoffState state);
}
