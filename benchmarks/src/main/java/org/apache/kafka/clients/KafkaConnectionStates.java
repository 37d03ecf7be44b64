package org.apache.kafka.clients;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import java.net.InetAddress;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * The {@link ClusterConnectionStates} of Kafka's clients, which is package-private, hence this
 * package: a mutable state per node in a {@code HashMap}, with an exponential backoff whose jitter
 * is always on. Does more: the whole life of a connection, throttling, addresses. Does less: one
 * thread only; milliseconds; nothing is evicted. A failure is a connection begun and lost, a
 * success one begun and made, as Kafka's client reports them; after a success the node is still
 * tracked.
 */
public final class KafkaConnectionStates extends BackoffImpl<String> {
  private static final long NANOS_A_MS = 1_000_000;
  private static final long INITIAL_MS = INITIAL_DELAY_NANOS / NANOS_A_MS;
  private static final long MAX_MS = MAX_DELAY_NANOS / NANOS_A_MS;

  private final ClusterConnectionStates states =
      new ClusterConnectionStates(INITIAL_MS, MAX_MS, INITIAL_MS, MAX_MS, new LogContext(), host ->
          new InetAddress[] {InetAddress.getLoopbackAddress()});

  @Override
  public void cool(String peer) {
    recordFailure(peer, PeerSlice.START);
  }

  @Override
  protected boolean shouldRetry(String peer, long nowNanos) {
    return states.canConnect(peer, nowNanos / NANOS_A_MS);
  }

  @Override
  protected long recordFailure(String peer, long nowNanos) {
    long nowMs = nowNanos / NANOS_A_MS;
    states.connecting(peer, nowMs, peer);
    states.disconnected(peer, nowMs);
    return nowNanos;
  }

  @Override
  protected long recordSuccess(String peer, long nowNanos) {
    states.connecting(peer, nowNanos / NANOS_A_MS, peer);
    states.ready(peer);
    return nowNanos;
  }
}
