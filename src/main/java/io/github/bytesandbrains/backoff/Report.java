package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a permit on its way into the map, run inside of a compute. Whether it counts, what
 * becomes of the peer, and that its permit has reported are one step: a caller that learns that
 * another outcome of its permit came first finds that one in effect.
 *
 * <p>Used once, by one thread.
 */
@SuppressWarnings("ReferenceEquality") // the very object, not an equal one
final class Report<P> implements BiFunction<P, @Nullable Held, @Nullable Held> {
  private final ConcurrentBackoffTable<P> table;
  final Permit permit;
  final Change change;
  final long nowNanos;
  private final long minBackoffNanos;

  /** What was held before and what is held now; the same if the outcome changed nothing. */
  @Nullable
  Held before;

  @Nullable
  Held after;

  /** Whether no other outcome of the permit came first. */
  boolean first;

  /** Whether it counted: it was first, and no other outcome of the peer came in between. */
  boolean counted;

  /**
   * @param nowNanos ignored for a success
   * @param minBackoffNanos for an advisory, at least 0
   */
  Report(
      ConcurrentBackoffTable<P> table,
      Permit permit,
      Change change,
      long nowNanos,
      long minBackoffNanos) {
    this.table = table;
    this.permit = permit;
    this.change = change;
    this.nowNanos = nowNanos;
    this.minBackoffNanos = minBackoffNanos;
  }

  @Override
  public @Nullable Held apply(P peer, @Nullable Held held) {
    Transitions transitions = table.transitions;
    // A success knows no time, so an idle peer is still there for it.
    boolean current =
        permit.isCurrent(change == Change.SUCCEEDED ? held : transitions.live(held, nowNanos));
    Held next = current ? counted(transitions, held) : stale(transitions, held);
    first = permit.tryReport(); // after what may throw
    before = held;
    after = first ? next : held;
    counted = first && current;
    return after == null || after == held ? after : table.map.publish(held, after);
  }

  private @Nullable Held counted(Transitions transitions, @Nullable Held held) {
    return switch (change) {
      case FAILED -> transitions.afterFailure(held, nowNanos);
      case ADVISED -> transitions.afterAdvisory(held, nowNanos, minBackoffNanos);
      default -> {
        Held tracked = Held.tracked(held);
        yield tracked == null ? held : transitions.afterSuccess(tracked);
      }
    };
  }

  /** A requested delay is never lost. */
  private @Nullable Held stale(Transitions transitions, @Nullable Held held) {
    return change == Change.ADVISED
        ? transitions.postponed(held, nowNanos, Nanos.plus(nowNanos, minBackoffNanos))
        : held;
  }

  boolean changed() {
    return after != before;
  }
}
