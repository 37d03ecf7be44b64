package io.github.bytesandbrains.backoff.snapshot;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.CRC32C;

/** Writes a snapshot, line by line. */
final class SnapshotWriter {
  private final OutputStream out;
  private final CRC32C sum = new CRC32C();
  private final StringBuilder line = new StringBuilder();
  private long peers;

  SnapshotWriter(OutputStream out, Instant capturedAt) throws IOException {
    this.out = out;
    line.append(SnapshotFormat.MAGIC).append(' ').append(SnapshotFormat.VERSION);
    line.append(' ').append(capturedAt.toEpochMilli());
    writeLine();
  }

  /** @throws UncheckedIOException if the line cannot be written */
  void add(String name, PortableState state) {
    if (name.length() > SnapshotFormat.MAX_NAME_LENGTH) {
      throw new IllegalArgumentException("name: " + name.length() + " characters (expected: <= "
          + SnapshotFormat.MAX_NAME_LENGTH + ")");
    }
    line.append(state.attempts())
        .append(' ')
        .append(PortableState.nanos(state.age()))
        .append(' ');
    Duration remaining = state.remaining();
    if (remaining == null) {
      line.append(SnapshotFormat.NEVER);
    } else {
      line.append(PortableState.nanos(remaining));
    }
    SnapshotFormat.escape(name, line.append(' '));
    try {
      writeLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    peers++;
  }

  void finish() throws IOException {
    line.append(SnapshotFormat.END).append(' ').append(peers);
    line.append(' ').append(SnapshotFormat.checksum(sum));
    writeLine();
    out.flush();
  }

  private void writeLine() throws IOException {
    byte[] bytes = SnapshotFormat.bytes(line.append('\n'));
    out.write(bytes);
    sum.update(bytes);
    line.setLength(0);
  }
}
