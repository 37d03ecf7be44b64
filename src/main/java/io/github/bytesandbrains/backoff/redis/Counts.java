package io.github.bytesandbrains.backoff.redis;

import java.util.concurrent.atomic.LongAdder;

/** The counters of {@link RedisSharingStats}. */
final class Counts {
  final LongAdder published = new LongAdder();
  final LongAdder received = new LongAdder();
  final LongAdder adopted = new LongAdder();
  final LongAdder lifted = new LongAdder();
  final LongAdder dropped = new LongAdder();
}
