package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.util.Map;

/**
 * What a table holds at some moment.
 *
 * @param longest the longest delay that remains
 */
record Cooling(int tracked, int cooling, Duration longest) {
  static Cooling of(ConcurrentBackoffTable<?> table) {
    long now = table.nanoTime();
    Map<?, BackoffState> states = table.snapshot();
    long cooling =
        states.values().stream().filter(state -> state.isCooling(now)).count();
    long longest = states.values().stream()
        .mapToLong(state -> state.remainingNanos(now))
        .max()
        .orElse(0);
    return new Cooling(states.size(), Math.toIntExact(cooling), Duration.ofNanos(longest));
  }
}
