package io.github.bytesandbrains.backoff;

import static io.github.bytesandbrains.backoff.BackoffState.FORGOTTEN;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What one operation of the map does to a peer's state. Used by one thread at a time. */
abstract class Transition<P> implements BiFunction<P, @Nullable BackoffState, BackoffState> {
  private final PeerStates<P> states;

  /** Whether it has put its peer into the map. */
  boolean isNew;

  Transition(PeerStates<P> states) {
    this.states = states;
  }

  /** The state that follows; before the first one of a peer is {@link BackoffState#FORGOTTEN}. */
  abstract BackoffState next(BackoffState before);

  @Override
  @SuppressWarnings("ReferenceEquality") // that very state, not one like it
  public final BackoffState apply(P peer, @Nullable BackoffState state) {
    BackoffState before = state == null ? FORGOTTEN : state;
    BackoffState next = next(before);
    if (state == null) {
      isNew = true;
    }
    return next == before ? next : states.published(before, next);
  }
}
