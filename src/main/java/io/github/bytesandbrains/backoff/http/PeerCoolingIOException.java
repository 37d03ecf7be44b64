package io.github.bytesandbrains.backoff.http;

import io.github.bytesandbrains.backoff.PeerCoolingException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Thrown instead of sending a request to a peer that is cooling. An {@link IOException}, which
 * every caller of {@link java.net.http.HttpClient#send} handles. Its cause is the {@link
 * PeerCoolingException} of the table.
 */
public final class PeerCoolingIOException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable Object peer;
  private final Duration remaining;

  PeerCoolingIOException(Object peer, PeerCoolingException denial) {
    super(denial.getMessage(), denial);
    this.peer = peer;
    remaining = denial.remaining();
  }

  /** Returns the peer to which nothing was sent; null only after serialization. */
  public @Nullable Object peer() {
    return peer;
  }

  /**
   * Returns how long to wait before asking again; see {@link
   * io.github.bytesandbrains.backoff.ConcurrentBackoffTable#remaining(Object)}.
   */
  public Duration remaining() {
    return remaining;
  }
}
