package io.github.bytesandbrains.backoff.grpc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Forwards the bytes of TCP connections to a port on 127.0.0.1, until they are to be reset. */
final class CutConnection implements AutoCloseable {
  private final ServerSocket listener;
  private final int port;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  CutConnection(int port) throws IOException {
    this.port = port;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(() -> {
      while (true) {
        Socket client = opened(listener.accept());
        Socket server = opened(new Socket(InetAddress.getLoopbackAddress(), this.port));
        start(() -> client.getInputStream().transferTo(server.getOutputStream()));
        start(() -> server.getInputStream().transferTo(client.getOutputStream()));
      }
    });
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Resets all connections, and refuses new ones. */
  void reset() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0); // closes with RST
        socket.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    reset();
  }

  private Socket opened(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  private interface Forwarding {
    void run() throws IOException;
  }

  private static void start(Forwarding forwarding) {
    Thread thread = new Thread(() -> {
      try {
        forwarding.run();
      } catch (IOException e) { // reset
      }
    });
    thread.setDaemon(true);
    thread.start();
  }
}
