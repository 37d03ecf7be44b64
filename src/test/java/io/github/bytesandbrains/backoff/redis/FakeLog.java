package io.github.bytesandbrains.backoff.redis;

import io.github.bytesandbrains.backoff.redis.LogEntry.Report;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A log in memory, with a clock of its own. It does not wait. */
final class FakeLog implements SharingLog {
  final NavigableMap<EntryId, List<String>> entries = new TreeMap<>();
  long millis = 1_700_000_000_000L;
  boolean down;
  boolean readOnly;

  /** What happens while the next answer with the time is on its way. */
  Runnable onTime = () -> {};

  private void requireUp() {
    if (down) {
      throw new RedisException("down");
    }
  }

  @Override
  public void prepareToAppend() {
    requireUp();
  }

  @Override
  public EntryId append(List<String> fields, EntryId horizon) {
    requireUp();
    if (readOnly) {
      throw new RedisException("OOM command not allowed");
    }
    entries.headMap(horizon).clear();
    return add(fields);
  }

  /** As Redis does it: an ID is greater than the one before, even if the clock is not. */
  EntryId add(List<String> fields) {
    EntryId id = new EntryId(millis, 0);
    EntryId last = entries.isEmpty() ? EntryId.ZERO : entries.lastKey();
    if (id.compareTo(last) <= 0) {
      id = new EntryId(last.millis(), last.sequence() + 1);
    }
    entries.put(id, fields);
    return id;
  }

  /** An entry of a node that this test does not run. */
  EntryId add(String node, String peer, long delayMillis) {
    Map<String, Report> reports = Map.of(peer, new Report(delayMillis, 0));
    return add(new LogEntry(node, millis, reports, 0).fields());
  }

  @Override
  public long timeMillis() {
    requireUp();
    long answer = millis;
    Runnable once = onTime;
    onTime = () -> {};
    once.run();
    return answer;
  }

  @Override
  public List<Stored> read(EntryId after, Duration atMost) {
    requireUp();
    List<Stored> read = new ArrayList<>();
    entries.tailMap(after, false).entrySet().stream()
        .limit(MAXIMUM_ENTRIES)
        .forEach(entry -> read.add(new Stored(entry.getKey(), entry.getValue())));
    return read;
  }

  /** What the entries say, without their IDs and times. */
  List<String> said() {
    return entries.values().stream()
        .map(fields -> fields.get(1) + " " + fields.subList(4, fields.size()))
        .toList();
  }

  @Override
  public void close() {}
}
