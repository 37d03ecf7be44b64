package io.github.bytesandbrains.backoff.demo;

/** Whether to send: all that the two runs differ in. Each worker has its own. */
interface Policy {
  /** The control: sends always, learns nothing. */
  Policy WITHOUT_TABLE = new Policy() {
    @Override
    public boolean admits(Peer peer, long nowNanos) {
      return true;
    }

    @Override
    public void record(Peer peer, Outcome outcome) {}
  };

  /** Returns whether to send to the peer now. */
  boolean admits(Peer peer, long nowNanos);

  /** Takes the outcome of a send. */
  void record(Peer peer, Outcome outcome);
}
