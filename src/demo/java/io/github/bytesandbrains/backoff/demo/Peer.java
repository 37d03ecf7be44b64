package io.github.bytesandbrains.backoff.demo;

import java.net.InetSocketAddress;

/** A peer as those who send to it know it: the key of the table. */
record Peer(int number, InetSocketAddress address) {
  @Override
  public String toString() {
    return "peer " + number + " (port " + address.getPort() + ")";
  }
}
