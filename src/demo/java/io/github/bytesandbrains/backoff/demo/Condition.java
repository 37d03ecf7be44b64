package io.github.bytesandbrains.backoff.demo;

/**
 * How a peer behaves.
 *
 * @param millis what a busy peer advises, or how long a flapping one stays closed, then open, in
 *     turn; nothing to the others
 */
record Condition(Mode mode, int millis) {
  static final Condition SERVING = new Condition(Mode.SERVING, 0);

  enum Mode {
    SERVING,
    /** The listener is closed. */
    REFUSED,
    /** Accepts, and never answers. */
    HUNG,
    /** Answers that one is to come back later. */
    BUSY,
    /** Alternates between refused and serving. */
    FLAPPING
  }

  /** Whether the listener is open so long after the peer came into this condition. */
  boolean listens(long elapsedMillis) {
    return switch (mode) {
      case REFUSED -> false;
      case FLAPPING -> elapsedMillis / millis % 2 == 1;
      case SERVING, HUNG, BUSY -> true;
    };
  }
}
