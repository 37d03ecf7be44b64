package io.github.bytesandbrains.backoff;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What one thread records failures with, again and again: the transition, which would else be allocated
 * for each, and this thread's share of the counts. As no other thread writes that, counting takes no
 * locked instruction; as the transition does it, all that is counted is in registers.
 */
final class Recorder<P> extends Transition<P> {
  private static final VarHandle FAILURES = handle("failures");
  private static final VarHandle DELAY_MICROS = handle("delayMicros");

  /** The last of so many failures, and one, looks whether another thread records the same peer. */
  private static final int LOOK_MASK = 15;

  /** How often who gives way spins, at least; up to four times as much. */
  private static final int SPINS = 384;

  private final WeakReference<Thread> owner;
  private final BackoffSchedule schedule;
  private long nowNanos;

  // Written opaquely: whoever adds them up sees them grow.
  private long failures;
  private long delayMicros;

  // So that no two threads write on one cache line.
  @SuppressWarnings("unused")
  private long p0, p1, p2, p3, p4, p5, p6, p7;

  /** Goes on with the counts of a thread that is no more. */
  Recorder(ConcurrentBackoffTable<P> table, Thread owner, @Nullable Recorder<P> predecessor) {
    super(table);
    this.owner = new WeakReference<>(owner);
    this.schedule = table.schedule;
    if (predecessor != null) {
      failures = predecessor.failures();
      delayMicros = predecessor.delayMicros();
    }
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(Recorder.class, field, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  boolean isOf(Thread thread) {
    return owner.refersTo(thread);
  }

  boolean isOrphaned() {
    Thread thread = owner.get();
    return thread == null || !thread.isAlive();
  }

  /** Sets the time of the next failure; returns the one that was set, which counts if that records too. */
  long at(long nowNanos) {
    long outer = this.nowNanos;
    this.nowNanos = nowNanos;
    return outer;
  }

  @Override
  BackoffState next(BackoffState before) {
    BackoffState next = before.afterFailure(nowNanos, schedule);
    FAILURES.setOpaque(this, failures + 1);
    DELAY_MICROS.setOpaque(this, delayMicros + Counters.micros(next.imposedNanos()));
    return next;
  }

  long failures() {
    return (long) FAILURES.getOpaque(this);
  }

  long delayMicros() {
    return (long) DELAY_MICROS.getOpaque(this);
  }

  /** Whether the next failure is one that looks. */
  boolean looks() {
    return (failures & LOOK_MASK) == LOOK_MASK;
  }

  /**
   * Lets others go first, for 10 to 40 microseconds. Threads that fail one peer all at once would hand its
   * lock from processor to processor each time; so they take turns of hundreds of failures. The
   * attempts tell those apart who would else spin in step.
   */
  static void giveWay(int attempts) {
    for (int spins = SPINS * (1 + (attempts & 3)); spins > 0; spins--) {
      Thread.onSpinWait();
    }
  }
}
