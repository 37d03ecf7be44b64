package io.github.bytesandbrains.backoff.demo.network;

import io.github.bytesandbrains.backoff.Outcome;
import java.time.Duration;

/**
 * How a send ended.
 *
 * @param retryAfter how long to leave the peer alone if it is busy or was spared; zero otherwise
 */
public record SendResult(Kind kind, Duration retryAfter) {
  public static final SendResult SERVED = new SendResult(Kind.SERVED, Duration.ZERO);
  public static final SendResult REFUSED = new SendResult(Kind.REFUSED, Duration.ZERO);
  public static final SendResult TIMED_OUT = new SendResult(Kind.TIMED_OUT, Duration.ZERO);
  public static final SendResult BROKEN = new SendResult(Kind.BROKEN, Duration.ZERO);

  public enum Kind {
    SERVED,
    BUSY,
    REFUSED,
    TIMED_OUT,
    /** The connection ended before the reply, or the reply made no sense. */
    BROKEN,
    /** Nothing was sent, because the table denied it. */
    SPARED
  }

  public static SendResult busy(Duration retryAfter) {
    return new SendResult(Kind.BUSY, retryAfter);
  }

  public static SendResult spared(Duration remaining) {
    return new SendResult(Kind.SPARED, remaining);
  }

  /** Returns what this says about the peer. */
  public Outcome outcome() {
    return switch (kind) {
      case SERVED -> Outcome.success();
      case BUSY -> Outcome.advisory(retryAfter);
      case REFUSED, TIMED_OUT, BROKEN -> Outcome.failure();
      case SPARED -> Outcome.none();
    };
  }
}
