package io.github.bytesandbrains.backoff.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Writes the trailer {@code grpc-status-details-bin}, right and wrong. */
final class Details {
  static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  static final String ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A status with one detail. */
  static byte[] of(String typeUrl, byte[] value) {
    return new Details()
        .integer(1, 14)
        .text(2, "busy")
        .field(3, any(typeUrl, value))
        .toBytes();
  }

  static byte[] retryInfo(long seconds, long nanos) {
    return of(RETRY_INFO, delay(seconds, nanos));
  }

  static byte[] any(String typeUrl, byte[] value) {
    return new Details().text(1, typeUrl).field(2, value).toBytes();
  }

  /** A {@code RetryInfo}. */
  static byte[] delay(long seconds, long nanos) {
    byte[] duration = new Details().integer(1, seconds).integer(2, nanos).toBytes();
    return new Details().field(1, duration).toBytes();
  }

  Details integer(int number, long value) {
    varint(number << 3);
    varint(value);
    return this;
  }

  Details text(int number, String value) {
    return field(number, value.getBytes(UTF_8));
  }

  Details field(int number, byte[] value) {
    return length(number, value.length).raw(value);
  }

  /** The start of a field, with a length that need not be true. */
  Details length(int number, long length) {
    varint((number << 3) | 2);
    varint(length);
    return this;
  }

  Details raw(byte... raw) {
    bytes.writeBytes(raw);
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
