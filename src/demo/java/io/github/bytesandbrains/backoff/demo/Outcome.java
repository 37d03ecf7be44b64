package io.github.bytesandbrains.backoff.demo;

/**
 * How a send ended.
 *
 * @param advisedMillis what a busy peer advised; 0 otherwise
 */
record Outcome(Kind kind, int advisedMillis) {
  static final Outcome SERVED = new Outcome(Kind.SERVED, 0);
  static final Outcome REFUSED = new Outcome(Kind.REFUSED, 0);
  static final Outcome TIMED_OUT = new Outcome(Kind.TIMED_OUT, 0);
  static final Outcome BROKEN = new Outcome(Kind.BROKEN, 0);

  enum Kind {
    SERVED,
    REFUSED,
    TIMED_OUT,
    /** The connection ended before the reply, or the reply made no sense. */
    BROKEN,
    BUSY
  }

  static Outcome busy(int advisedMillis) {
    return new Outcome(Kind.BUSY, advisedMillis);
  }
}
