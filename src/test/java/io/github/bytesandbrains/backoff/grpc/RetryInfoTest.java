package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.Details.ERROR_INFO;
import static io.github.bytesandbrains.backoff.grpc.Details.RETRY_INFO;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read out of {@code grpc-status-details-bin}. */
final class RetryInfoTest {
  /**
   * Written by protobuf: a status with an {@code ErrorInfo} and a {@code RetryInfo} of 12.345 s.
   */
  private static final String GOLDEN =
      "080e1204627573791a470a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e72"
          + "70632e4572726f72496e666f121b0a084f5645524c4f4144120f677265657465722e6578616d706c"
          + "651a360a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e52657472"
          + "79496e666f120a0a08080c10c090c1a401";

  @Test
  void delay_writtenByProtobufItself_isRead() {
    byte[] bytes = HexFormat.of().parseHex(GOLDEN);

    assertThat(RetryInfo.delay(bytes)).isEqualTo(Duration.ofMillis(12_345));
  }

  @ParameterizedTest
  @MethodSource
  void delay_valid_isRead(Duration expected, byte[] status) {
    assertThat(RetryInfo.delay(status)).isEqualTo(expected);
  }

  static List<Arguments> delay_valid_isRead() {
    byte[] ten = Details.delay(10, 0);
    byte[] retryInfo = Details.any(RETRY_INFO, ten);
    byte[] errorInfo = Details.any(ERROR_INFO, ten);
    byte[] unknownFields = new Details()
        .integer(9, -1)
        .raw((byte) ((8 << 3) | 1), (byte) 1, (byte) 1, (byte) 1, (byte) 1)
        .raw((byte) 1, (byte) 1, (byte) 1, (byte) 1)
        .raw((byte) ((7 << 3) | 5), (byte) 1, (byte) 1, (byte) 1, (byte) 1)
        .field(3, retryInfo)
        .text(100_000, "new")
        .toBytes();
    return List.of(
        arguments(Duration.ofSeconds(30), Details.retryInfo(30, 0)),
        arguments(Duration.ofMillis(1_500), Details.retryInfo(1, 500_000_000)),
        arguments(Duration.ofNanos(1), Details.retryInfo(0, 1)),
        arguments(Duration.ofSeconds(Long.MAX_VALUE), Details.retryInfo(Long.MAX_VALUE, 0)),
        arguments(Duration.ofSeconds(10), Details.of("other.host/google.rpc.RetryInfo", ten)),
        arguments(
            Duration.ofSeconds(10),
            new Details().field(3, errorInfo).field(3, retryInfo).toBytes()),
        arguments(
            Duration.ofSeconds(10),
            new Details()
                .field(3, Details.any(RETRY_INFO, new byte[0]))
                .field(3, retryInfo)
                .toBytes()),
        arguments(Duration.ofSeconds(10), unknownFields),
        arguments(
            Duration.ofSeconds(10),
            new Details()
                .field(3, new Details().field(2, ten).text(1, RETRY_INFO).toBytes())
                .toBytes()));
  }

  @ParameterizedTest
  @MethodSource
  void delay_noDelayOrGarbage_isZero(byte[] status) {
    assertThat(RetryInfo.delay(status)).isZero();
  }

  static List<byte[]> delay_noDelayOrGarbage_isZero() {
    byte[] ten = Details.delay(10, 0);
    byte[] retryInfo = Details.any(RETRY_INFO, ten);
    byte[] tenSeconds = new Details().integer(1, 10).toBytes();
    byte[] elevenBytes = new byte[11];
    Arrays.fill(elevenBytes, (byte) 0x80);
    elevenBytes[10] = 1;
    return List.of(
        new byte[0],
        new Details().integer(1, 14).toBytes(),
        Details.of(ERROR_INFO, ten),
        Details.of("google.rpc.RetryInfo", ten), // a type URL has a slash
        Details.of(RETRY_INFO + "2", ten),
        Details.of(RETRY_INFO, new byte[0]),
        Details.retryInfo(0, 0),
        Details.retryInfo(-1, 0),
        Details.retryInfo(Long.MIN_VALUE, 0),
        Details.retryInfo(1, -1),
        Details.retryInfo(1, 1_000_000_000),
        Details.retryInfo(Long.MAX_VALUE, Long.MAX_VALUE),
        new Details().raw((byte) (9 << 3)).raw(elevenBytes).field(3, retryInfo).toBytes(),
        new Details().length(3, 1).toBytes(), // longer than what follows
        new Details().length(3, Integer.MAX_VALUE).toBytes(),
        new Details().length(3, 1L << 32).toBytes(),
        new Details().length(3, Long.MAX_VALUE).toBytes(),
        new Details().length(3, -1).toBytes(),
        new byte[] {(3 << 3) | 3, (3 << 3) | 4}, // a group
        new byte[] {(3 << 3) | 1, 0}, // half of a fixed number
        new Details().field(3, "no message".getBytes(UTF_8)).toBytes(),
        new Details().integer(3, 10).toBytes(), // the right fields with wrong types
        new Details()
            .field(3, new Details().integer(1, 10).integer(2, 10).toBytes())
            .toBytes(),
        Details.of(RETRY_INFO, tenSeconds),
        Details.of(RETRY_INFO, new Details().field(2, tenSeconds).integer(1, 10).toBytes()),
        Details.of(
            RETRY_INFO,
            new Details()
                .field(
                    1, new Details().integer(3, 10).text(1, "10").text(2, "10").toBytes())
                .toBytes()));
  }

  @Test
  void delay_truncatedAnywhere_isZero() {
    byte[] status = Details.retryInfo(30, 500_000_000);

    assertThat(Stream.iterate(0, n -> n < status.length, n -> n + 1)
            .map(length -> RetryInfo.delay(Arrays.copyOf(status, length))))
        .hasSize(status.length)
        .containsOnly(Duration.ZERO);
  }

  @Test
  void delay_manyDetails_takesTimeInProportion() {
    Details many = new Details();
    for (int i = 0; i < 100_000; i++) {
      many.field(3, Details.any(RETRY_INFO, new byte[0]));
    }
    byte[] status = many.field(3, Details.any(RETRY_INFO, Details.delay(10, 0))).toBytes();

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> assertThat(RetryInfo.delay(status)).isEqualTo(Duration.ofSeconds(10)));
  }
}
