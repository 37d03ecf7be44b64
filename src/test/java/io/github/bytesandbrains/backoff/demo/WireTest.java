package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
  private static final byte[] BODY = {1, 2, 3};

  @Test
  void frame_aBody_itsLengthAndTheBody() {
    assertThat(Wire.frame(ByteBuffer.wrap(BODY)).array()).containsExactly(0, 0, 0, 3, 1, 2, 3);
  }

  @Test
  void takeBody_byteByByte_whenItIsComplete() throws IOException {
    byte[] frame = Wire.frame(ByteBuffer.wrap(BODY)).array();
    for (int length = 0; length < frame.length; length++) {
      assertThat(Wire.takeBody(ByteBuffer.wrap(frame, 0, length))).isNull();
    }
    assertThat(Wire.takeBody(ByteBuffer.wrap(frame))).isEqualTo(ByteBuffer.wrap(BODY));
  }

  @Test
  void takeBody_twoFrames_oneAfterTheOther() throws IOException {
    ByteBuffer received = ByteBuffer.allocate(100);
    received.put(Wire.frame(ByteBuffer.wrap(BODY))).put(Wire.busy(250)).flip();
    assertThat(Wire.takeBody(received)).isEqualTo(ByteBuffer.wrap(BODY));
    assertThat(Wire.takeBody(received))
        .isEqualTo(ByteBuffer.wrap(new byte[] {Wire.BUSY, 0, 0, 0, (byte) 250}));
    assertThat(Wire.takeBody(received)).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, Wire.MAX_LENGTH + 1, Integer.MAX_VALUE})
  void takeBody_lengthOutOfBounds_refused(int length) {
    ByteBuffer received = ByteBuffer.allocate(4).putInt(length).flip();
    assertThatThrownBy(() -> Wire.takeBody(received))
        .isInstanceOf(IOException.class)
        .hasMessage("length: %d (expected: 1 to 1024)", length);
  }

  @Test
  void readBody_endsTooEarly_endOfFile() {
    byte[] frame = Wire.frame(ByteBuffer.wrap(BODY)).array();
    byte[] cut = Arrays.copyOf(frame, frame.length - 1);
    assertThatThrownBy(() -> Wire.readBody(new DataInputStream(new ByteArrayInputStream(cut))))
        .isInstanceOf(EOFException.class);
  }
}
