package io.github.bytesandbrains.backoff.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;

/** The peer's end of one connection: answers each request as the peer's condition is then. */
final class PeerConnection {
  private final SocketChannel channel;
  private final Supplier<Condition> condition;
  private final ByteBuffer received = ByteBuffer.allocate(Integer.BYTES + Wire.MAX_LENGTH);

  PeerConnection(SocketChannel channel, Supplier<Condition> condition) {
    this.channel = channel;
    this.condition = condition;
  }

  /** Takes what has arrived. Ends the connection if the other side did, or breaks the protocol. */
  void read() {
    try {
      if (channel.read(received) < 0 || !answered()) {
        channel.close();
      }
    } catch (IOException e) {
      drop();
    }
  }

  private boolean answered() throws IOException {
    received.flip();
    boolean good = true;
    for (ByteBuffer request; good && (request = Wire.takeBody(received)) != null; ) {
      good = answer(request);
    }
    received.compact();
    return good;
  }

  private boolean answer(ByteBuffer request) throws IOException {
    Condition now = condition.get();
    return switch (now.mode()) {
      case SERVING, FLAPPING -> write(Wire.done(request));
      case BUSY -> write(Wire.busy(now.millis()));
      case HUNG -> true;
      case REFUSED -> false;
    };
  }

  /** Writes a reply, which the empty send buffer of a fresh connection has room for. */
  private boolean write(ByteBuffer reply) throws IOException {
    channel.write(reply);
    return !reply.hasRemaining();
  }

  private void drop() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
