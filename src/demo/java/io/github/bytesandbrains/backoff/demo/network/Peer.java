package io.github.bytesandbrains.backoff.demo.network;

import java.net.InetSocketAddress;

/** A peer as its clients know it: the key of the table. */
public record Peer(int number, InetSocketAddress address) {
  @Override
  public String toString() {
    return "peer " + number + " (port " + address.getPort() + ")";
  }
}
