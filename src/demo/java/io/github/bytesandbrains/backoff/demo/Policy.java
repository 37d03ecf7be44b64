package io.github.bytesandbrains.backoff.demo;

/** Whether to send: all that the runs differ in. Each worker has its own, and sends one by one. */
interface Policy extends AutoCloseable {
  /** The control: sends always, learns nothing. */
  Policy WITHOUT_TABLE = new Policy() {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return true;
    }

    @Override
    public long remaining(Peer peer, long nowNanos) {
      return 0;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {}
  };

  /** Returns whether to send to the peer now. */
  boolean admits(Peer peer, long nowNanos);

  /** Returns for how many nanoseconds still not to send to the peer. */
  long remaining(Peer peer, long nowNanos);

  /** Takes the outcome of a send. */
  void record(Peer peer, Outcome outcome);

  /** Whether only one worker at a time is let send to a peer whose cooldown has ended. */
  default boolean probes() {
    return false;
  }

  /** Ends with the worker. A send without an outcome says nothing about its peer. */
  @Override
  default void close() {}
}
