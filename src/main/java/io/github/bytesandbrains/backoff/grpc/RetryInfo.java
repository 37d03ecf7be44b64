package io.github.bytesandbrains.backoff.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Reads the delay of a {@code google.rpc.RetryInfo} out of a serialized {@code google.rpc.Status},
 * the value of the trailer {@code grpc-status-details-bin}:
 *
 * <pre>
 * Status    { int32 code = 1; string message = 2; repeated Any details = 3; }
 * Any       { string type_url = 1; bytes value = 2; }
 * RetryInfo { Duration retry_delay = 1; }
 * Duration  { int64 seconds = 1; int32 nanos = 2; }
 * </pre>
 *
 * <p>The peer wrote the bytes, so they may be anything. Each one is read four times at most.
 */
final class RetryInfo {
  private static final String TYPE_SUFFIX = "/google.rpc.RetryInfo";
  private static final int MAX_NANOS = 999_999_999;

  private RetryInfo() {}

  /** Returns the first delay that is more than zero; zero if there is none, or for garbage. */
  static Duration delay(byte[] status) {
    try {
      Fields fields = new Fields(ByteBuffer.wrap(status));
      while (fields.next()) {
        if (fields.number == 3) {
          Duration delay = ofAny(new Fields(fields.bytes));
          if (!delay.isZero()) {
            return delay;
          }
        }
      }
    } catch (BufferUnderflowException e) { // truncated, or no protobuf at all
    }
    return Duration.ZERO;
  }

  private static Duration ofAny(Fields fields) {
    String typeUrl = "";
    ByteBuffer value = Fields.EMPTY;
    while (fields.next()) {
      if (fields.number == 1) {
        typeUrl = UTF_8.decode(fields.bytes).toString();
      } else if (fields.number == 2) {
        value = fields.bytes;
      }
    }
    return typeUrl.endsWith(TYPE_SUFFIX) ? ofRetryInfo(new Fields(value)) : Duration.ZERO;
  }

  private static Duration ofRetryInfo(Fields fields) {
    Duration delay = Duration.ZERO;
    while (fields.next()) {
      if (fields.number == 1) {
        delay = ofDuration(new Fields(fields.bytes));
      }
    }
    return delay;
  }

  private static Duration ofDuration(Fields fields) {
    long seconds = 0;
    long nanos = 0;
    while (fields.next()) {
      if (fields.number == 1) {
        seconds = fields.integer;
      } else if (fields.number == 2) {
        nanos = fields.integer;
      }
    }
    boolean valid = seconds >= 0 && nanos >= 0 && nanos <= MAX_NANOS;
    return valid ? Duration.ofSeconds(seconds, nanos) : Duration.ZERO;
  }

  /** The fields of one protobuf message, in turn. */
  private static final class Fields {
    static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final ByteBuffer message;
    long number;
    long integer; // 0 for a field of another type
    ByteBuffer bytes = EMPTY; // empty for a field of another type

    Fields(ByteBuffer message) {
      this.message = message;
    }

    /**
     * Moves to the next field; false at the end.
     *
     * @throws BufferUnderflowException if the message is malformed
     */
    boolean next() {
      if (!message.hasRemaining()) {
        return false;
      }
      long tag = varint();
      number = tag >>> 3;
      integer = 0;
      bytes = EMPTY;
      switch ((int) tag & 7) {
        case 0 -> integer = varint();
        case 1 -> take(Long.BYTES);
        case 2 -> bytes = take(varint());
        case 5 -> take(Integer.BYTES);
        default -> throw new BufferUnderflowException(); // a group, which proto3 does not have
      }
      return true;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte next = message.get();
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new BufferUnderflowException();
    }

    private ByteBuffer take(long length) {
      if (length < 0 || length > message.remaining()) {
        throw new BufferUnderflowException();
      }
      ByteBuffer taken = message.slice(message.position(), (int) length);
      message.position(message.position() + (int) length);
      return taken;
    }
  }
}
