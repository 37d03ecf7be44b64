package io.github.bytesandbrains.backoff.benchmarks.impl;

import org.apache.kafka.clients.ConnectionStates;

/**
 * The {@code ClusterConnectionStates} of Kafka's clients: a mutable state per node in a {@code
 * HashMap}, with an exponential backoff whose jitter is always on. Does more: the whole life of a
 * connection, throttling, addresses. Does less: one thread only; milliseconds; nothing is evicted. A
 * failure is a connection begun and lost, a success one begun and made, as Kafka's client reports
 * them; after a success the node is still tracked.
 */
final class KafkaConnectionStates extends BackoffImpl<String> {
  private static final long NANOS_A_MS = 1_000_000;

  private final ConnectionStates states =
      new ConnectionStates(INITIAL_DELAY_NANOS / NANOS_A_MS, MAX_DELAY_NANOS / NANOS_A_MS);

  @Override
  public void cool(String[] peers) {
    for (String peer : peers) {
      recordFailure(peer, PeerSlice.START);
    }
  }

  @Override
  boolean shouldRetry(String peer, long nowNanos) {
    return states.canConnect(peer, nowNanos / NANOS_A_MS);
  }

  @Override
  long recordFailure(String peer, long nowNanos) {
    states.failed(peer, nowNanos / NANOS_A_MS);
    return nowNanos;
  }

  @Override
  long recordSuccess(String peer, long nowNanos) {
    states.succeeded(peer, nowNanos / NANOS_A_MS);
    return nowNanos;
  }
}
