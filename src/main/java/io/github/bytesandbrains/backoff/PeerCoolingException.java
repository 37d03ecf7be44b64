package io.github.bytesandbrains.backoff;

import java.time.Duration;

/** Thrown instead of sending to a peer that is cooling. */
public final class PeerCoolingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration remaining;

  PeerCoolingException(Object peer, Duration remaining) {
    super(peer + " is cooling for another " + remaining);
    this.remaining = remaining;
  }

  /**
   * Returns how long to wait before asking again; see {@link
   * ConcurrentBackoffTable#remaining(Object)}.
   */
  public Duration remaining() {
    return remaining;
  }
}
