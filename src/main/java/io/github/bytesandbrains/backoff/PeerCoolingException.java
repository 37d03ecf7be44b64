package io.github.bytesandbrains.backoff;

import java.time.Duration;

/** Thrown instead of sending to a peer that must still be left alone. */
public final class PeerCoolingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration remaining;

  PeerCoolingException(Object peer, Duration remaining) {
    super(peer + " is cooling for another " + remaining);
    this.remaining = remaining;
  }

  /** Returns how long the peer had to be left alone still when the send was asked for. */
  public Duration remaining() {
    return remaining;
  }
}
