package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.spring.BackoffProperties.Health;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** What both forms of the health indicator say. */
final class CoolingHealth {
  private final Map<String, ConcurrentBackoffTable<?>> tables;
  private final int maximumCooling;

  CoolingHealth(Map<String, ConcurrentBackoffTable<?>> tables, Health properties) {
    this.tables = tables;
    Integer maximum = properties.maximumCooling;
    if (maximum == null || maximum < 0) {
      throw new InvalidConfigurationPropertyValueException(
          "backoff.health.maximum-cooling",
          maximum,
          "maximumCooling: " + maximum + " (expected: >= 0)");
    }
    maximumCooling = maximum;
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
