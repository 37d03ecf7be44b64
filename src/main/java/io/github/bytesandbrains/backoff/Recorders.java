package io.github.bytesandbrains.backoff;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The recorders of the threads that record failures: one for each, up to a number. The table holds
 * them, and no thread does, so that neither keeps the other in memory.
 */
final class Recorders<P> {
  private static final int SLOTS = 256;

  private final ConcurrentBackoffTable<P> table;
  private final AtomicReferenceArray<@Nullable Recorder<P>> slots =
      new AtomicReferenceArray<>(SLOTS);

  Recorders(ConcurrentBackoffTable<P> table) {
    this.table = table;
  }

  /** The calling thread's own; none if another thread, of those that live, has its slot. */
  @Nullable
  Recorder<P> own() {
    Thread thread = Thread.currentThread();
    Recorder<P> recorder = slots.get(slot(thread));
    return recorder != null && recorder.isOf(thread) ? recorder : claim(thread);
  }

  static int slot(Thread thread) {
    return (int) thread.getId() & (SLOTS - 1);
  }

  private @Nullable Recorder<P> claim(Thread thread) {
    int slot = slot(thread);
    Recorder<P> before = slots.get(slot);
    if (before != null && !before.isOrphaned()) {
      return null;
    }
    Recorder<P> own = new Recorder<>(table, thread, before);
    return slots.compareAndSet(slot, before, own) ? own : null;
  }

  long sum(ToLongFunction<Recorder<P>> count) {
    long sum = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      Recorder<P> recorder = slots.get(slot);
      if (recorder != null) {
        sum += count.applyAsLong(recorder);
      }
    }
    return sum;
  }
}
