package io.github.bytesandbrains.backoff.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The protocol. A frame is a length (four bytes, big-endian) and so many bytes. A request is any
 * bytes; a reply is {@link #DONE} and the same bytes, or {@link #BUSY} and milliseconds (four
 * bytes).
 */
final class Wire {
  static final int MAX_LENGTH = 1024;
  static final byte DONE = 0;
  static final byte BUSY = 1;

  private Wire() {}

  static ByteBuffer frame(ByteBuffer body) {
    return ByteBuffer.allocate(Integer.BYTES + body.remaining())
        .putInt(body.remaining())
        .put(body)
        .flip();
  }

  static ByteBuffer done(ByteBuffer request) {
    return frame(
        ByteBuffer.allocate(1 + request.remaining()).put(DONE).put(request).flip());
  }

  static ByteBuffer busy(int millis) {
    return frame(ByteBuffer.allocate(1 + Integer.BYTES).put(BUSY).putInt(millis).flip());
  }

  /**
   * Takes the next body out of what has been received so far.
   *
   * @return null if it is not complete yet
   * @throws IOException if the length is none that this protocol has
   */
  static @Nullable ByteBuffer takeBody(ByteBuffer received) throws IOException {
    if (received.remaining() < Integer.BYTES) {
      return null;
    }
    int length = checked(received.getInt(received.position()));
    if (received.remaining() < Integer.BYTES + length) {
      return null;
    }
    byte[] body = new byte[length];
    received.getInt();
    received.get(body);
    return ByteBuffer.wrap(body);
  }

  /** Reads a body; blocks until it is complete. */
  static ByteBuffer readBody(DataInputStream in) throws IOException {
    byte[] body = new byte[checked(in.readInt())];
    in.readFully(body);
    return ByteBuffer.wrap(body);
  }

  private static int checked(int length) throws IOException {
    if (length < 1 || length > MAX_LENGTH) {
      throw new IOException("length: " + length + " (expected: 1 to " + MAX_LENGTH + ")");
    }
    return length;
  }
}
