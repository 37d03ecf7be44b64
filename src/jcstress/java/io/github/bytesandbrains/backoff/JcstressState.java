package io.github.bytesandbrains.backoff;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The state of a jcstress test: two actors that act on one or two peers at the same time. */
abstract class JcstressState {
  static final Integer PEER = 0;
  static final Integer OTHER = 1;

  /** Longer than the rounding of the horizon. */
  static final long DELAY = 1L << 24;

  /** No peer is idle while the actors run, except in the tests of eviction. */
  static final long IDLE_TIMEOUT = 1_000 * DELAY;

  static final SequentialBackoffTable.Options OPTIONS =
      new SequentialBackoffTable.Options(DELAY, 8 * DELAY, 8 * DELAY, DELAY, IDLE_TIMEOUT);

  /** When a peer first fails. */
  static final long START =
      ThreadLocalRandom.current().nextLong(Long.MIN_VALUE / 2, Long.MAX_VALUE / 2);

  /** When a peer that failed once is due, and the horizon has passed. */
  static final long DUE = START + 3 * DELAY;

  private static final int SPINS = 200;

  private final AtomicInteger arrived = new AtomicInteger();

  /** Waits for the other actor, but not for long, because it may have no processor. */
  final void meet() {
    arrived.incrementAndGet();
    eventually(() -> arrived.get() == 2);
  }

  /** Whether the condition becomes true soon. */
  static boolean eventually(BooleanSupplier condition) {
    for (int i = 0; i < SPINS; i++) {
      if (condition.getAsBoolean()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  static ConcurrentTableAdapter<Integer> library(long maximumPeers) {
    return atStart(new ConcurrentTableAdapter<>(OPTIONS, maximumPeers));
  }

  /** Sets the clock, which {@code restoreState} reads; otherwise the peer may be idle at once. */
  static ConcurrentTableAdapter<Integer> atStart(ConcurrentTableAdapter<Integer> table) {
    table.clock(START, false);
    return table;
  }
}
