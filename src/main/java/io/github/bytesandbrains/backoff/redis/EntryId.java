package io.github.bytesandbrains.backoff.redis;

/** The ID of an entry: the engine's time in milliseconds, and a sequence number; both unsigned. */
record EntryId(long millis, long sequence) implements Comparable<EntryId> {
  static final EntryId ZERO = new EntryId(0, 0);
  static final EntryId MAXIMUM = new EntryId(-1, -1);

  /**
   * Parses what Redis writes, such as {@code 1700000000000-0}.
   *
   * @throws NumberFormatException if it is something else
   */
  static EntryId parse(String text) {
    int dash = text.indexOf('-');
    return new EntryId(
        Long.parseUnsignedLong(text, 0, Math.max(0, dash), 10),
        Long.parseUnsignedLong(text, dash + 1, text.length(), 10));
  }

  /** The greatest ID that is less than this one. */
  EntryId predecessor() {
    return sequence == 0 ? new EntryId(millis - 1, -1) : new EntryId(millis, sequence - 1);
  }

  /** The engine's time; one beyond the range of a signed number counts as its end. */
  long timeMillis() {
    return millis < 0 ? Long.MAX_VALUE : millis;
  }

  @Override
  public int compareTo(EntryId other) {
    int byMillis = Long.compareUnsigned(millis, other.millis);
    return byMillis == 0 ? Long.compareUnsigned(sequence, other.sequence) : byMillis;
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(sequence);
  }
}
