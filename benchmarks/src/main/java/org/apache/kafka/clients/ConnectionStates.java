package org.apache.kafka.clients;

import java.net.InetAddress;
import org.apache.kafka.common.utils.internals.LogContext;

/** Kafka's {@link ClusterConnectionStates}, which is package-private: hence this package. */
public final class ConnectionStates {
  private final ClusterConnectionStates states;

  /** Creates states with these delays for reconnecting. */
  public ConnectionStates(long reconnectBackoffMs, long reconnectBackoffMaxMs) {
    states = new ClusterConnectionStates(
        reconnectBackoffMs,
        reconnectBackoffMaxMs,
        reconnectBackoffMs,
        reconnectBackoffMaxMs,
        new LogContext(),
        host -> new InetAddress[] {InetAddress.getLoopbackAddress()});
  }

  /** Whether the node may be connected to now. */
  public boolean canConnect(String id, long nowMs) {
    return states.canConnect(id, nowMs);
  }

  /** Reports a connection that could not be made. */
  public void failed(String id, long nowMs) {
    states.connecting(id, nowMs, id);
    states.disconnected(id, nowMs);
  }

  /** Reports a connection that was made. */
  public void succeeded(String id, long nowMs) {
    states.connecting(id, nowMs, id);
    states.ready(id);
  }
}
