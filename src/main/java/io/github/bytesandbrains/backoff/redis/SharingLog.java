package io.github.bytesandbrains.backoff.redis;

import java.time.Duration;
import java.util.List;

/**
 * The log that the nodes share, as far as it is needed here. Each method blocks, for a bounded
 * time, and throws a {@link RuntimeException} if the engine does not answer or refuses. One thread
 * appends, another one does the rest.
 */
interface SharingLog extends AutoCloseable {
  /** The most entries that one read returns. */
  int MAXIMUM_ENTRIES = 100;

  /** An entry as it is in the log, valid or not. */
  record Stored(EntryId id, List<String> fields) {}

  /** Connects for {@link #append}, if need be, so that the first entry is not late. */
  void prepareToAppend();

  /**
   * Appends an entry, and returns its ID.
   *
   * @param fields fields and values, in alternation
   * @param horizon entries before it may be deleted
   */
  EntryId append(List<String> fields, EntryId horizon);

  /** Returns the engine's time, in milliseconds. */
  long timeMillis();

  /** Returns the first entries after an ID; waits up to {@code atMost} for one. */
  List<Stored> read(EntryId after, Duration atMost);

  /** Also fails what another thread waits for. */
  @Override
  void close();
}
