package io.github.bytesandbrains.backoff;

/** A part of a sequence of peers, to be worked through in one go, and the time at which that begins. */
record Stretch<P>(P[] peers, int from, int count, long nowNanos) {
  /** When the peers failed. */
  static final long START = 1_000_000_000_000L;

  /** When all of them are cooling. */
  static final long SOON = START + 1_000_000;

  /** When all delays are over, a day later. */
  static final long LATER = START + 86_400_000_000_000L;

  int to() {
    return from + count;
  }
}
