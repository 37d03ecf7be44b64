package io.github.bytesandbrains.backoff.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads a snapshot, line by line. Its errors name the source, the line and what was expected. */
final class SnapshotReader<P> {
  private final InputStream in;
  private final String source;
  private final Function<String, ? extends P> peer;
  private final CRC32C sum = new CRC32C();
  private final CharsetDecoder decoder = UTF_8.newDecoder();

  /** What was read and is not yet parsed: the bytes from start to limit. */
  private byte[] buffer = new byte[1 << 16];

  private int start;
  private int limit;
  private long lineNumber;
  private final Instant capturedAt;

  SnapshotReader(InputStream in, String source, Function<String, ? extends P> peer)
      throws IOException {
    this.in = in;
    this.source = source;
    this.peer = peer;
    capturedAt = readHeader();
  }

  Instant capturedAt() {
    return capturedAt;
  }

  private Instant readHeader() throws IOException {
    String line = readLine();
    String[] words = line == null ? new String[0] : line.split(" ", -1);
    if (words.length != 3 || !words[0].equals(SnapshotFormat.MAGIC)) {
      throw unexpected("not a snapshot", SnapshotFormat.MAGIC + " VERSION EPOCH_MILLIS");
    }
    long version = number("version", words[1], 0, Integer.MAX_VALUE);
    if (version != SnapshotFormat.VERSION) {
      throw unexpected("version: " + version, SnapshotFormat.VERSION);
    }
    return Instant.ofEpochMilli(
        number("time of capture", words[2], Long.MIN_VALUE, Long.MAX_VALUE));
  }

  /** Reads the peers to the end; throws if the file is not whole, after the peers before that. */
  void read(BiConsumer<P, PortableState> action) throws IOException {
    long peers = 0;
    while (true) {
      String checksum = SnapshotFormat.checksum(sum); // of the lines before the next
      String line = readLine();
      if (line == null) {
        throw unexpected("end of file", "another line: the file is not whole");
      }
      if (line.startsWith(SnapshotFormat.END)) {
        expectEnd(line, SnapshotFormat.END + " " + peers + " " + checksum);
        return;
      }
      readPeer(line, action);
      peers++;
    }
  }

  private void expectEnd(String line, String expected) throws IOException {
    if (!line.equals(expected)) {
      throw unexpected(line, expected + ": the file was altered");
    }
    if (start < limit || fill()) {
      throw unexpected("more after the last line", "the end of the file");
    }
  }

  private void readPeer(String line, BiConsumer<P, PortableState> action) throws IOException {
    String[] words = line.split(" ", 4);
    if (words.length != 4) {
      throw unexpected(abbreviated(line), "ATTEMPTS AGE REMAINING NAME");
    }
    long attempts = number("attempts", words[0], 0, Integer.MAX_VALUE);
    long age = number("age", words[1], 0, Long.MAX_VALUE);
    Duration remaining = words[2].equals(SnapshotFormat.NEVER)
        ? null
        : Duration.ofNanos(number("remaining", words[2], Long.MIN_VALUE, Long.MAX_VALUE));
    action.accept(
        peer(words[3]), new PortableState((int) attempts, Duration.ofNanos(age), remaining));
  }

  private P peer(String escaped) throws IOException {
    String name;
    try {
      name = SnapshotFormat.unescape(escaped);
    } catch (IllegalArgumentException e) {
      throw unexpected("name: " + abbreviated(escaped), "\\uXXXX after a backslash");
    }
    if (name.length() > SnapshotFormat.MAX_NAME_LENGTH) {
      throw unexpected(
          "name: " + name.length() + " characters", "<= " + SnapshotFormat.MAX_NAME_LENGTH);
    }
    P result;
    try {
      result = peer.apply(name);
    } catch (RuntimeException e) {
      IOException failure = unexpected("name: " + abbreviated(escaped), "a peer, not " + e);
      failure.initCause(e);
      throw failure;
    }
    if (result == null) {
      throw unexpected("name: " + abbreviated(escaped), "a peer, not null");
    }
    return result;
  }

  private long number(String field, String word, long min, long max) throws IOException {
    try {
      long number = Long.parseLong(word);
      // parseLong takes a plus and the digits of every script too.
      if (isPlain(word) && number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw unexpected(field + ": " + abbreviated(word), min + " to " + max);
  }

  private static boolean isPlain(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c != '-' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }

  /** The next line without its line feed, which must be there; null at the end. */
  private @Nullable String readLine() throws IOException {
    lineNumber++;
    int end = start;
    while (end == limit || buffer[end] != '\n') {
      if (end - start > SnapshotFormat.MAX_LINE_BYTES) {
        throw unexpected("a longer line", "<= " + SnapshotFormat.MAX_LINE_BYTES + " bytes");
      }
      if (end < limit) {
        end++;
      } else {
        int length = end - start;
        if (!fill()) {
          if (length == 0) {
            return null;
          }
          throw unexpected("end of file", "the end of the line: the file is not whole");
        }
        end = start + length;
      }
    }
    sum.update(buffer, start, end + 1 - start);
    ByteBuffer line = ByteBuffer.wrap(buffer, start, end - start);
    start = end + 1;
    try { // a decoder, because the constructor of String replaces what is malformed
      return decoder.decode(line).toString();
    } catch (CharacterCodingException e) {
      throw unexpected("malformed text", "UTF-8");
    }
  }

  /** Moves the bytes that are left to the front and reads more; false at the end of the file. */
  private boolean fill() throws IOException {
    int left = limit - start;
    byte[] target = left < buffer.length ? buffer : new byte[2 * left];
    System.arraycopy(buffer, start, target, 0, left);
    buffer = target;
    start = 0;
    int count = in.read(buffer, left, buffer.length - left);
    limit = left + Math.max(0, count);
    return count > 0;
  }

  private static String abbreviated(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  private IOException unexpected(String what, Object expected) {
    return new IOException(
        source + ", line " + lineNumber + ": " + what + " (expected: " + expected + ")");
  }
}
