package io.github.bytesandbrains.backoff.demo.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** All peers: a listening socket on loopback for each, one thread for all. */
public final class Fleet implements AutoCloseable {
  /** How late a listener may open or close. */
  private static final int SETTLE_MILLIS = 5;

  private final Selector selector = Selector.open();
  private final List<PeerServer> servers = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private final CompletableFuture<Void> serving;
  private volatile boolean closed;

  /**
   * Opens all listeners.
   *
   * @param firstPort the port of peer 0, with the others in a row after it; 0 for free ones
   */
  public Fleet(int size, int firstPort, Protocol protocol) throws IOException {
    for (int number = 0; number < size; number++) {
      int port = firstPort == 0 ? 0 : firstPort + number;
      try {
        PeerServer server = new PeerServer(
            selector, protocol, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        servers.add(server);
        peers.add(new Peer(number, server.address()));
      } catch (IOException e) {
        closeAll();
        throw new IOException("port " + port + ": " + e.getMessage(), e);
      }
    }
    serving = CompletableFuture.runAsync(
        this::serve, task -> new Thread(task, "rehearsal-fleet").start());
  }

  public List<Peer> peers() {
    return List.copyOf(peers);
  }

  /** Sets the behavior of each peer, by its number. */
  public void become(List<PeerBehavior> behaviors) {
    for (int number = 0; number < behaviors.size(); number++) {
      servers.get(number).become(behaviors.get(number));
    }
    selector.wakeup();
  }

  private void serve() {
    try {
      while (!closed) {
        selector.select(Fleet::handle, SETTLE_MILLIS);
        long now = System.nanoTime();
        servers.forEach(server -> server.settle(now));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void handle(SelectionKey key) {
    try {
      if (key.isValid()) {
        ((PeerServer.Handler) key.attachment()).handle();
      }
    } catch (IOException e) { // a connection that the client has reset, for example
      close(key);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the thread has ended, then closes every listener and every connection. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      serving.join();
    } finally {
      closeAll();
    }
  }

  private void closeAll() throws IOException {
    if (selector.isOpen()) {
      for (PeerServer server : servers) {
        server.close();
      }
      selector.keys().forEach(Fleet::close);
      selector.close();
    }
  }
}
