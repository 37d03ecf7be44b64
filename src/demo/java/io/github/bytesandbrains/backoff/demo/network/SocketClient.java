package io.github.bytesandbrains.backoff.demo.network;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends one request over a connection of its own. A request is a positive long. The reply is the
 * same long, or, from a busy peer, minus the milliseconds to leave it alone.
 */
public final class SocketClient implements Client {
  private final int timeoutMillis;

  /** The timeout is for the connection, and again for the reply. */
  public SocketClient(Duration timeout) {
    timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  @Override
  public SendResult send(Peer peer) {
    long request = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
    try (Socket socket = new Socket()) {
      // Closing resets the connection. It has served its purpose by then, and thousands a second in
      // TIME_WAIT would use up the local ports.
      socket.setSoLinger(true, 0);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(timeoutMillis);
      socket.connect(peer.address(), timeoutMillis);
      if (socket.getLocalPort() == socket.getPort()) {
        return SendResult.REFUSED; // TCP has connected a closed local port to itself
      }
      new DataOutputStream(socket.getOutputStream()).writeLong(request);
      long reply = new DataInputStream(socket.getInputStream()).readLong();
      return reply == request
          ? SendResult.SERVED
          : reply < 0 ? SendResult.busy(Duration.ofMillis(-reply)) : SendResult.BROKEN;
    } catch (ConnectException e) {
      return SendResult.REFUSED;
    } catch (SocketTimeoutException e) {
      return SendResult.TIMED_OUT;
    } catch (IOException e) {
      return SendResult.BROKEN;
    }
  }
}
