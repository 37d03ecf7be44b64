package io.github.bytesandbrains.backoff.spring;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.spring.BackoffProperties.Health;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What both forms of the health indicator say. */
final class CoolingHealth {
  private final Map<String, ConcurrentBackoffTable<?>> tables;
  private final Integer maximumCooling;

  CoolingHealth(Map<String, ConcurrentBackoffTable<?>> tables, Health properties) {
    this.tables = tables;
    maximumCooling = requireNonNull(properties.maximumCooling(), "maximumCooling");
  }

  /** Returns how many peers are cooling, by table. */
  Map<String, Long> cooling() {
    Map<String, Long> cooling = new TreeMap<>();
    tables.forEach((name, table) -> cooling.put(name, cooling(table)));
    return cooling;
  }

  boolean isDown(Map<String, Long> cooling) {
    return cooling.values().stream().anyMatch(count -> count > maximumCooling);
  }

  private static long cooling(ConcurrentBackoffTable<?> table) {
    long now = table.nanoTime();
    LongAdder cooling = new LongAdder();
    table.forEach((peer, state) -> {
      if (state.isCooling(now)) {
        cooling.increment();
      }
    });
    return cooling.sum();
  }
}
