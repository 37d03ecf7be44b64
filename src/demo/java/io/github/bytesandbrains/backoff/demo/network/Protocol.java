package io.github.bytesandbrains.backoff.demo.network;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** What a peer reads on a connection, and what it replies. */
public enum Protocol {
  /** The protocol of {@link SocketClient}. */
  LONG(Long.BYTES) {
    @Override
    boolean isComplete(ByteBuffer request) {
      return !request.hasRemaining();
    }

    @Override
    ByteBuffer served(ByteBuffer request) {
      return ByteBuffer.allocate(Long.BYTES).putLong(request.getLong(0)).flip();
    }

    @Override
    ByteBuffer busy(int millis) {
      return ByteBuffer.allocate(Long.BYTES).putLong(-millis).flip();
    }
  },

  /** HTTP/1.1 with kept-alive connections: requests without a body, and one at a time. */
  HTTP(1024) {
    @Override
    boolean isComplete(ByteBuffer request) {
      int length = request.position();
      return length >= 4 && request.getInt(length - 4) == 0x0d0a0d0a; // CR LF CR LF
    }

    @Override
    ByteBuffer served(ByteBuffer request) {
      return head("200 OK", "");
    }

    @Override
    ByteBuffer busy(int millis) {
      String seconds = "Retry-After: " + (millis + 999) / 1000 + "\r\n";
      return head("503 Service Unavailable", seconds + "retry-after-ms: " + millis + "\r\n");
    }

    private static ByteBuffer head(String status, String headers) {
      String head = "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\n\r\n";
      return US_ASCII.encode(head);
    }
  };

  /** The most bytes of a request. */
  final int capacity;

  Protocol(int capacity) {
    this.capacity = capacity;
  }

  /** Whether the buffer, whose position is its length, holds all of a request. */
  abstract boolean isComplete(ByteBuffer request);

  abstract ByteBuffer served(ByteBuffer request);

  abstract ByteBuffer busy(int millis);
}
