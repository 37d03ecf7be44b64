package io.github.bytesandbrains.backoff.demo;

import java.net.InetSocketAddress;

/** Where everything listens. */
final class Loopback {
  static final String HOST = "127.0.0.1";

  private Loopback() {}

  /** Returns the address of a port; 0 is a free one. */
  @SuppressWarnings("AddressSelection") // the host is an address, and not looked up
  static InetSocketAddress port(int port) {
    return new InetSocketAddress(HOST, port);
  }
}
