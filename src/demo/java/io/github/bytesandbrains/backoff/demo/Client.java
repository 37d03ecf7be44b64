package io.github.bytesandbrains.backoff.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Sends one request over a connection of its own. Thread-safe. */
final class Client {
  private final int timeoutMillis;

  /**
   * Creates a client.
   *
   * @param timeout for the connection, and again for the reply
   */
  Client(Duration timeout) {
    timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  Outcome send(InetSocketAddress address, byte[] request) {
    try (Socket socket = new Socket()) {
      // Closing resets the connection. It has served its purpose by then, and thousands a second in
      // TIME_WAIT would use up the local ports.
      socket.setSoLinger(true, 0);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(timeoutMillis);
      socket.connect(address, timeoutMillis);
      if (socket.getLocalPort() == socket.getPort()) {
        return Outcome.REFUSED; // a closed local port that TCP has connected with itself
      }
      socket.getOutputStream().write(Wire.frame(ByteBuffer.wrap(request)).array());
      return outcome(Wire.readBody(new DataInputStream(socket.getInputStream())), request);
    } catch (ConnectException e) {
      return Outcome.REFUSED;
    } catch (SocketTimeoutException e) {
      return Outcome.TIMED_OUT;
    } catch (IOException e) {
      return Outcome.BROKEN;
    }
  }

  private static Outcome outcome(ByteBuffer reply, byte[] request) {
    byte status = reply.get();
    if (status == Wire.DONE && reply.equals(ByteBuffer.wrap(request))) {
      return Outcome.SERVED;
    }
    if (status == Wire.BUSY && reply.remaining() == Integer.BYTES) {
      return Outcome.busy(Math.max(0, reply.getInt()));
    }
    return Outcome.BROKEN;
  }
}
