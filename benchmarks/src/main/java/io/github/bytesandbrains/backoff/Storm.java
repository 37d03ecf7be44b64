package io.github.bytesandbrains.backoff;

import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** What a storm of failures is made of: 90 % asks, 8 % failures, 2 % successes. */
public class Storm extends Timed {
  private static final Event[] EVENTS = new Event[1 << 12];

  static {
    Random random = new Random(EVENTS.length);
    for (int i = 0; i < EVENTS.length; i++) {
      int percent = random.nextInt(100);
      EVENTS[i] = percent < 90 ? Event.ASK : percent < 98 ? Event.FAIL : Event.SUCCEED;
    }
  }

  /** What happens to a peer. */
  enum Event {
    ASK,
    FAIL,
    SUCCEED
  }

  /** What happens at a place of the sequence. */
  static Event at(int index) {
    return EVENTS[index & (EVENTS.length - 1)];
  }

  /** The mix, an operation of it. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long mix(Asking.Cooling cooling) {
    return cooling.contender.storm(next(cooling.sequence));
  }
}
