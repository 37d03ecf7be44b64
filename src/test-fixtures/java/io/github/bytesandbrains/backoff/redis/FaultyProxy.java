package io.github.bytesandbrains.backoff.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy on loopback that cuts connections, in the middle of a reply if need be. */
public final class FaultyProxy implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile InetSocketAddress target;
  private volatile boolean cutsReplies;
  private volatile boolean refuses;

  /** Starts a proxy of {@code target}. */
  public FaultyProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable body) {
    Thread thread = new Thread(body, "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns the URI for a client. */
  public String uri() {
    return "redis://127.0.0.1:" + server.getLocalPort();
  }

  /** Sends connections elsewhere from now on, and cuts the present ones. */
  public void retarget(InetSocketAddress target) {
    retargetNext(target);
    cut();
  }

  /** Sends new connections elsewhere; the present ones stay. */
  public void retargetNext(InetSocketAddress target) {
    this.target = target;
  }

  /** Cuts every connection. */
  public void cut() {
    sockets.forEach(FaultyProxy::close);
  }

  /** Whether connections are closed as soon as they are opened; cuts the present ones. */
  public void refuse(boolean refuses) {
    this.refuses = refuses;
    if (refuses) {
      cut();
    }
  }

  /** Whether each reply of more than 50 bytes is cut in its middle, and its connection closed. */
  public void cutReplies(boolean cutsReplies) {
    this.cutsReplies = cutsReplies;
  }

  /** Returns how many replies were cut. */
  public int cuts() {
    return cuts.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (refuses) {
          client.close();
          continue;
        }
        Socket upstream = new Socket();
        sockets.add(client);
        sockets.add(upstream);
        try {
          upstream.connect(target, 1_000);
        } catch (IOException e) {
          close(client);
          close(upstream);
          continue;
        }
        if (refuses) { // since it was accepted
          cut();
        }
        start(() -> copy(client, upstream, false));
        start(() -> copy(upstream, client, true));
      } catch (IOException e) { // closed, or the client has gone already
      }
    }
  }

  private void copy(Socket from, Socket to, boolean replies) {
    byte[] buffer = new byte[65_536];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        if (replies && cutsReplies && length > 50) {
          out.write(buffer, 0, length / 2);
          out.flush();
          cuts.incrementAndGet();
          break;
        }
        out.write(buffer, 0, length);
      }
    } catch (IOException e) { // cut from elsewhere
    }
    close(from);
    close(to);
    sockets.remove(from);
    sockets.remove(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) { // it is of no use any more
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
