package io.github.bytesandbrains.backoff.benchmarks.impl;

/** Part of a sequence of peers, processed in one go, and the time at which that begins. */
public record PeerSlice<P>(P[] peers, int from, int count, long nowNanos) {
  /** When the peers failed. */
  public static final long START = 1_000_000_000_000L;

  /** When all of them are cooling. */
  public static final long SOON = START + 1_000_000;

  /** When all delays have passed, a day later. */
  public static final long LATER = START + 86_400_000_000_000L;
}
