package io.github.bytesandbrains.backoff.benchmarks.impl;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;

/** This library, with default options unless a table is given. */
public final class ThisTable<P> extends BackoffImpl<P> {
  private final ConcurrentBackoffTable<P> table;

  public ThisTable() {
    this(ConcurrentBackoffTable.create());
  }

  public ThisTable(ConcurrentBackoffTable<P> table) {
    this.table = table;
  }

  @Override
  public void cool(P peer) {
    table.recordRemoteAdvisory(peer, PeerSlice.START, MAX_DELAY_NANOS);
  }

  @Override
  protected boolean shouldRetry(P peer, long nowNanos) {
    return table.shouldRetry(peer, nowNanos);
  }

  @Override
  protected long recordFailure(P peer, long nowNanos) {
    return table.recordFailure(peer, nowNanos).nextRetryNanos();
  }

  @Override
  protected long recordSuccess(P peer, long nowNanos) {
    return table.recordSuccess(peer) ? 1 : 2;
  }
}
