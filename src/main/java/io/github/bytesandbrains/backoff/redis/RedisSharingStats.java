package io.github.bytesandbrains.backoff.redis;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a {@link RedisSharing} has counted since it was started, and how it is now. Immutable. The
 * counts are read one after another, so they need not match each other exactly; each one never
 * falls.
 */
public final class RedisSharingStats {
  private final boolean connected;
  private final Duration lag;
  private final long published;
  private final long received;
  private final long adopted;
  private final long lifted;
  private final long dropped;

  RedisSharingStats(boolean connected, Duration lag, Counts counts) {
    this.connected = connected;
    this.lag = requireNonNull(lag, "lag");
    published = counts.published.sum();
    received = counts.received.sum();
    adopted = counts.adopted.sum();
    lifted = counts.lifted.sum();
    dropped = counts.dropped.sum();
  }

  /** Returns whether Redis answered the last time, both when asked to read and to append. */
  public boolean connected() {
    return connected;
  }

  /**
   * Returns how long ago this node last knew all that the log has. It is up to a second or so while
   * Redis answers, and grows while it does not.
   */
  public Duration lag() {
    return lag;
  }

  /** Returns the votes and recoveries of this node that are in the log. */
  public long published() {
    return published;
  }

  /** Returns the votes and recoveries of other nodes that were read, repeated ones included. */
  public long received() {
    return received;
  }

  /** Returns how often a peer was postponed because of other nodes; a prolonged hold counts once. */
  public long adopted() {
    return adopted;
  }

  /** Returns how many of these holds ended early, because another node found the peer well. */
  public long lifted() {
    return lifted;
  }

  /**
   * Returns the votes and recoveries that were ignored: not valid, of an unknown peer, or too many
   * to be remembered. An entry that cannot be read counts as one.
   */
  public long dropped() {
    return dropped;
  }

  @Override
  public String toString() {
    return "RedisSharingStats[connected=" + connected
        + ", lag=" + lag
        + ", published=" + published
        + ", received=" + received
        + ", adopted=" + adopted
        + ", lifted=" + lifted
        + ", dropped=" + dropped + "]";
  }
}
