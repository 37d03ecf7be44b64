package io.github.bytesandbrains.backoff.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The listening end of one peer. Used by the fleet's one thread, but for {@link #become}. */
final class PeerServer {
  private final Selector selector;
  private final InetSocketAddress address;

  private @Nullable ServerSocketChannel listener;

  /**
   * Holds the port while the listener is closed: bound but not listening, so that connections are
   * refused and no outgoing one is given this port as its own.
   */
  private @Nullable SocketChannel placeholder;

  private volatile Since since = new Since(Condition.SERVING, System.nanoTime());
  private volatile @Nullable IOException trouble;

  private record Since(Condition condition, long nanos) {}

  /** Opens the listener. */
  PeerServer(Selector selector, InetSocketAddress wanted) throws IOException {
    this.selector = selector;
    ServerSocketChannel opened = open(wanted);
    listener = opened;
    address = (InetSocketAddress) opened.getLocalAddress();
  }

  InetSocketAddress address() {
    return address;
  }

  Condition condition() {
    return since.condition;
  }

  /** Changes the behaviour; the listener follows within milliseconds. */
  void become(Condition condition) {
    since = new Since(condition, System.nanoTime());
  }

  /** Why the listener could not be opened again, if that is so. */
  @Nullable
  IOException trouble() {
    return trouble;
  }

  /** Opens or closes the listener if the condition says so; what fails is tried again next time. */
  void settle(long nowNanos) {
    Since now = since;
    long elapsedMillis = Duration.ofNanos(Math.max(0, nowNanos - now.nanos)).toMillis();
    boolean listens = now.condition.listens(elapsedMillis);
    try {
      if (listens && listener == null) {
        placeholder = closed(placeholder);
        listener = open(address);
        trouble = null;
      } else if (!listens && listener != null) {
        listener = closed(listener); // the port is free only after the next select
      } else if (!listens && placeholder == null) {
        placeholder = SocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true);
        placeholder.bind(address);
      }
    } catch (IOException e) {
      trouble = e;
    }
  }

  void close() throws IOException {
    listener = closed(listener);
    placeholder = closed(placeholder);
  }

  private ServerSocketChannel open(InetSocketAddress at) throws IOException {
    ServerSocketChannel opened = ServerSocketChannel.open();
    try {
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(at).configureBlocking(false);
      opened.register(selector, SelectionKey.OP_ACCEPT, (Runnable) () -> accept(opened));
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private void accept(ServerSocketChannel from) {
    try {
      for (SocketChannel accepted; (accepted = from.accept()) != null; ) {
        accepted.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
        PeerConnection connection = new PeerConnection(accepted, this::condition);
        accepted.register(selector, SelectionKey.OP_READ, (Runnable) connection::read);
      }
    } catch (IOException e) {
      trouble = e;
    }
  }

  private static <C extends java.nio.channels.Channel> @Nullable C closed(@Nullable C channel)
      throws IOException {
    if (channel != null) {
      channel.close();
    }
    return null;
  }
}
