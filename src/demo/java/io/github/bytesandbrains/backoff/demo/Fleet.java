package io.github.bytesandbrains.backoff.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/** All peers: a listening socket for each, one thread for all. */
final class Fleet implements AutoCloseable {
  /** How late a listener may open or close. */
  private static final int SETTLE_MILLIS = 5;

  private final Selector selector = Selector.open();
  private final List<PeerServer> servers = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private final Thread thread = new Thread(this::serve, "rehearsal-fleet");
  private volatile boolean closed;

  /**
   * Opens all listeners.
   *
   * @param firstPort the port of peer 0, the others in a row after it; 0 for free ones
   * @throws Options.BadOption if one of the ports is taken
   */
  Fleet(int size, int firstPort) throws IOException {
    for (int number = 0; number < size; number++) {
      int port = firstPort == 0 ? 0 : firstPort + number;
      try {
        PeerServer server = new PeerServer(selector, Loopback.port(port));
        servers.add(server);
        peers.add(new Peer(number, server.address()));
      } catch (IOException e) {
        closeAll();
        throw Options.unexpected(
            "port", firstPort, size + " free ports from there; " + port + ": " + e.getMessage());
      }
    }
    thread.start();
  }

  List<Peer> peers() {
    return List.copyOf(peers);
  }

  void become(Peer peer, Condition condition) {
    servers.get(peer.number()).become(condition);
    selector.wakeup();
  }

  void becomeAll(List<Condition> conditions) {
    peers.forEach(peer -> servers.get(peer.number()).become(conditions.get(peer.number())));
    selector.wakeup();
  }

  /** Why the peer's listener could not be opened again, as the end of a sentence; or empty. */
  String trouble(Peer peer) {
    IOException trouble = servers.get(peer.number()).trouble();
    return trouble == null ? "" : ": " + trouble.getMessage();
  }

  private void serve() {
    try {
      while (!closed) {
        selector.select(Fleet::ready, SETTLE_MILLIS);
        long now = System.nanoTime();
        servers.forEach(server -> server.settle(now));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void ready(SelectionKey key) {
    if (key.isValid()) {
      ((Runnable) key.attachment()).run();
    }
  }

  /** Closes every listener and every connection, and waits until the thread has ended. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    closeAll();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeAll() throws IOException {
    if (!selector.isOpen()) {
      return;
    }
    for (PeerServer server : servers) {
      server.close();
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
