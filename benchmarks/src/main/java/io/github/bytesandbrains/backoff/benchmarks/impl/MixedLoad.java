package io.github.bytesandbrains.backoff.benchmarks.impl;

import java.util.Random;

/** A mix of 90 % queries, 8 % failures and 2 % successes, in an order that is always the same. */
final class MixedLoad {
  private static final Event[] EVENTS = new Event[1 << 12];

  static {
    Random random = new Random(EVENTS.length);
    for (int i = 0; i < EVENTS.length; i++) {
      int percent = random.nextInt(100);
      EVENTS[i] = percent < 90 ? Event.ASK : percent < 98 ? Event.FAIL : Event.SUCCEED;
    }
  }

  enum Event {
    ASK,
    FAIL,
    SUCCEED
  }

  private MixedLoad() {}

  static Event at(int index) {
    return EVENTS[index & (EVENTS.length - 1)];
  }
}
