package io.github.bytesandbrains.backoff.redis;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The counts of a {@link RedisSharing} since its start, and the state of its connection. Immutable.
 * The counts are read one after another, so they need not match each other exactly. No count ever
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

  /** Returns whether both the last read and the last write succeeded. */
  public boolean connected() {
    return connected;
  }

  /**
   * Returns the time since this node last knew everything in the log. It is up to a second or so
   * while Redis answers, and grows while it does not.
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

  /** Returns how many holds of other nodes were adopted; one that is prolonged counts once. */
  public long adopted() {
    return adopted;
  }

  /** Returns how many of these holds ended early, because another node reported a recovery. */
  public long lifted() {
    return lifted;
  }

  /**
   * Returns the votes and recoveries that were ignored: they were invalid, were for an unknown
   * peer, or exceeded a bound. An entry that cannot be read counts as one.
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
