package io.github.bytesandbrains.backoff.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The lines of a snapshot, version 1; {@code src/docs/snapshot-format.md} describes them.
 *
 * <pre>
 * backoff-snapshot 1 1764240000000
 * 3 1500000000 -20000000 10.0.0.7:4040
 * end 1 5d2bcbb4
 * </pre>
 */
final class SnapshotFormat {
  static final String MAGIC = "backoff-snapshot";
  static final int VERSION = 1;
  static final String NEVER = "never";
  static final String END = "end";
  static final int MAX_NAME_LENGTH = 65_535;

  /** Each character of the longest name as six of an escape, and the numbers before it. */
  static final int MAX_LINE_BYTES = 6 * MAX_NAME_LENGTH + 100;

  private static final String ESCAPE = "\\u";
  private static final int ESCAPE_LENGTH = 6;

  private SnapshotFormat() {}

  /** The sum of all lines before the last, their line feeds included. */
  static String checksum(CRC32C sum) {
    return String.format("%08x", sum.getValue());
  }

  static byte[] bytes(CharSequence line) {
    return line.toString().getBytes(UTF_8);
  }

  /** Writes control characters, backslashes and unpaired surrogates as {@code \}{@code uXXXX}. */
  static void escape(String name, StringBuilder line) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < name.length()
          && Character.isLowSurrogate(name.charAt(i + 1))) {
        line.append(c).append(name.charAt(++i));
      } else if (Character.isISOControl(c) || c == '\\' || Character.isSurrogate(c)) {
        line.append(ESCAPE).append(String.format("%04x", (int) c));
      } else {
        line.append(c);
      }
    }
  }

  /** @throws IllegalArgumentException if a backslash does not begin an escape */
  static String unescape(String escaped) {
    int next = escaped.indexOf('\\');
    if (next < 0) {
      return escaped;
    }
    StringBuilder name = new StringBuilder(escaped.length());
    int copied = 0;
    for (; next >= 0; next = escaped.indexOf('\\', copied)) {
      if (!escaped.startsWith(ESCAPE, next) || next + ESCAPE_LENGTH > escaped.length()) {
        throw new IllegalArgumentException("a backslash at character " + next);
      }
      int c = HexFormat.fromHexDigits(escaped, next + 2, next + ESCAPE_LENGTH);
      name.append(escaped, copied, next).append((char) c);
      copied = next + ESCAPE_LENGTH;
    }
    return name.append(escaped, copied, escaped.length()).toString();
  }
}
