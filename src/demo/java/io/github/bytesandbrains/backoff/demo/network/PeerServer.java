package io.github.bytesandbrains.backoff.demo.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One peer's listener and connections. The fleet's thread calls all but {@link #become}. */
final class PeerServer {
  private final Selector selector;
  private final InetSocketAddress address;

  /**
   * The listener, or a placeholder that is bound but not listening: connections are refused, and
   * nobody else is given the port. Closed where one is about to replace the other.
   */
  private NetworkChannel held;

  private volatile Since since = new Since(PeerBehavior.SERVING, System.nanoTime());

  private record Since(PeerBehavior behavior, long nanos) {}

  /** Called when the channel of a key is ready. */
  interface Handler {
    /** Handles it; an exception closes the channel. */
    void handle() throws IOException;
  }

  PeerServer(Selector selector, InetSocketAddress wanted) throws IOException {
    this.selector = selector;
    held = bound(ServerSocketChannel.open(), wanted);
    address = (InetSocketAddress) held.getLocalAddress();
    listen();
  }

  InetSocketAddress address() {
    return address;
  }

  /** Changes the behavior; the listener follows within milliseconds. */
  void become(PeerBehavior behavior) {
    since = new Since(behavior, System.nanoTime());
  }

  /** Opens or closes the listener as the behavior demands; a failure is tried again next time. */
  void settle(long nowNanos) {
    Since now = since;
    long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nowNanos - now.nanos));
    boolean listens = now.behavior.listens(millis);
    try {
      if (!held.isOpen()) {
        held = bound(listens ? ServerSocketChannel.open() : SocketChannel.open(), address);
        listen();
      } else if (listens != held instanceof ServerSocketChannel) {
        held.close(); // the port is free only after the next select
      }
    } catch (IOException e) {
      // the port is still in use
    }
  }

  void close() throws IOException {
    held.close();
  }

  private static NetworkChannel bound(NetworkChannel channel, InetSocketAddress to)
      throws IOException {
    try {
      return channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(to);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void listen() throws IOException {
    if (held instanceof ServerSocketChannel listener) {
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT, (Handler) () -> accept(listener));
    }
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    for (SocketChannel accepted; (accepted = listener.accept()) != null; ) {
      SocketChannel channel = accepted;
      ByteBuffer request = ByteBuffer.allocate(Long.BYTES);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, (Handler) () -> read(channel, request));
    }
  }

  private void read(SocketChannel channel, ByteBuffer request) throws IOException {
    PeerBehavior now = since.behavior;
    if (channel.read(request) < 0 || now.mode() == PeerBehavior.Mode.REFUSED) {
      channel.close();
    } else if (!request.hasRemaining()) {
      request.flip();
      switch (now.mode()) {
        case SERVING, FLAPPING -> channel.write(request);
        case BUSY ->
          channel.write(ByteBuffer.allocate(Long.BYTES).putLong(-now.millis()).flip());
        case HUNG, REFUSED -> {}
      }
      request.clear();
    }
  }
}
