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
  private final Protocol protocol;
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

  PeerServer(Selector selector, Protocol protocol, InetSocketAddress wanted) throws IOException {
    this.selector = selector;
    this.protocol = protocol;
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
        closeConnections();
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
      accepted.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
      accepted.setOption(StandardSocketOptions.SO_LINGER, 0); // closing resets the connection
      accepted.register(selector, SelectionKey.OP_READ, new Connection(accepted));
    }
  }

  /** Closes what a client may have kept for its next request, as a process that dies does. */
  private void closeConnections() throws IOException {
    for (SelectionKey key : selector.keys()) {
      if (key.attachment() instanceof Connection connection && connection.isTo(this)) {
        key.channel().close();
      }
    }
  }

  private final class Connection implements Handler {
    private final SocketChannel channel;
    private final ByteBuffer request = ByteBuffer.allocate(protocol.capacity);

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    boolean isTo(PeerServer server) {
      return server == PeerServer.this;
    }

    @Override
    public void handle() throws IOException {
      PeerBehavior now = since.behavior;
      if (channel.read(request) < 0 || now.mode() == PeerBehavior.Mode.REFUSED) {
        channel.close();
      } else if (protocol.isComplete(request)) {
        switch (now.mode()) {
          case SERVING, FLAPPING -> channel.write(protocol.served(request));
          case BUSY -> channel.write(protocol.busy(now.millis()));
          case HUNG, REFUSED -> {}
        }
        request.clear();
      }
    }
  }
}
