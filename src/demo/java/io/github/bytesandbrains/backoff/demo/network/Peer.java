package io.github.bytesandbrains.backoff.demo.network;

import java.net.InetSocketAddress;
import java.net.URI;

/** A peer as its clients know it: the key of the table. */
public record Peer(int number, InetSocketAddress address) {
  /** Where a peer that speaks HTTP is asked. */
  public URI uri() {
    return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  @Override
  public String toString() {
    return "peer " + number + " (port " + address.getPort() + ")";
  }
}
