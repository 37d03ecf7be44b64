package io.github.bytesandbrains.backoff.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that misbehaves as no library lets it. A connection serves one request, and
 * a TLS handshake counts as one. */
final class RawPeer implements AutoCloseable {
  interface Script {
    /** Answers one request, whose head was read. The connection is closed after. */
    void serve(Connection connection) throws Exception;
  }

  private static final int TLS_HANDSHAKE = 22;

  private final ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger closedByClient = new AtomicInteger();
  volatile Script script;

  RawPeer(Script script) throws IOException {
    this.script = script;
    threads.execute(this::accept);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        if (listener.isClosed()) { // accepted as die() closed it, and maybe not seen there
          socket.close();
          return;
        }
        threads.execute(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Connection connection = new Connection(socket);
      if (connection.readHead()) {
        requests.incrementAndGet();
        script.serve(connection);
      }
    } catch (Exception e) {
      // The client is gone, or the peer is closed.
    } finally {
      sockets.remove(socket);
    }
  }

  final class Connection {
    private final Socket socket;
    private final StringBuilder head = new StringBuilder();

    private Connection(Socket socket) {
      this.socket = socket;
    }

    private boolean readHead() throws IOException {
      for (int seen = 0, c; (c = socket.getInputStream().read()) >= 0; ) {
        if (c == TLS_HANDSHAKE) {
          return true;
        }
        head.append((char) c);
        seen = c == (seen % 2 == 0 ? '\r' : '\n') ? seen + 1 : c == '\r' ? 1 : 0;
        if (seen == 4) {
          return true;
        }
      }
      return false;
    }

    /** Returns the value of a header of the request. */
    String header(String name) {
      return head.toString()
          .lines()
          .filter(line -> line.startsWith(name + ": "))
          .findFirst()
          .orElseThrow()
          .substring(name.length() + 2);
    }

    /** Sends lines, each ended by CR LF. */
    Connection lines(String... lines) throws IOException {
      for (String line : lines) {
        text(line + "\r\n");
      }
      return this;
    }

    Connection text(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return this;
    }

    /** Returns when the client closes or resets the connection, which is counted. */
    void untilClosed() {
      try {
        while (socket.getInputStream().read() >= 0) {
          // the request's body
        }
      } catch (IOException e) {
        // reset
      }
      closedByClient.incrementAndGet();
    }
  }

  /** Closes all connections, and refuses new ones. */
  void die() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/path");
  }

  @Override
  public void close() throws IOException {
    die();
    threads.shutdownNow();
  }
}
