package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the threads of a soak counted themselves, and its equations with what the table counted. */
final class SoakTally {
  /** As many dropped probes are remembered between two drains, so that an hour's soak does not grow by them. */
  private static final int REMEMBERED = 10_000;

  final LongAdder steps = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder advisories = new LongAdder();
  final LongAdder clamped = new LongAdder();
  final LongAdder successes = new LongAdder();
  final LongAdder restored = new LongAdder();
  final LongAdder denied = new LongAdder();
  final LongAdder admitted = new LongAdder();
  final LongAdder probes = new LongAdder();
  final LongAdder counted = new LongAdder();
  final LongAdder abandoned = new LongAdder();
  private final LongAdder succeededProbes = new LongAdder();
  private final LongAdder failedProbes = new LongAdder();
  private final LongAdder abandonedProbes = new LongAdder();

  /** Peers that were not tracked and then were. Each of them leaves in one way that the table counts. */
  final LongAdder births = new LongAdder();

  private final LongAdder neverTold = new LongAdder();
  private final AtomicLong remembered = new AtomicLong();

  /** Of each probe that was dropped, whether it lapsed; this holds neither the attempt nor its lease. */
  private final Queue<AtomicBoolean> droppedProbes = new ConcurrentLinkedQueue<>();

  void recordedFailure(BackoffState state) {
    failures.increment();
    bornIf(state.attempts() == 1); // as no state is restored with less
  }

  void recordedAdvisory(BackoffState state, boolean clamps) {
    advised(clamps);
    bornIf(state.attempts() == 1);
  }

  void restored() {
    restored.increment();
    bornIf(true);
  }

  void admitted(Attempt attempt) {
    admitted.increment();
    if (isProbe(attempt)) {
      probes.increment();
    }
  }

  /** The outcomes of an attempt that counted. */
  void succeeded(Attempt attempt) {
    counted.increment();
    if (isProbe(attempt)) { // else there was nothing to forget
      successes.increment();
      succeededProbes.increment();
    }
  }

  void failed(Attempt attempt) {
    counted.increment();
    failures.increment();
    failed(isProbe(attempt));
  }

  void advised(Attempt attempt, boolean clamps) {
    counted.increment();
    advised(clamps);
    failed(isProbe(attempt));
  }

  private void failed(boolean probe) {
    bornIf(!probe);
    if (probe) {
      failedProbes.increment();
    }
  }

  void abandoned(Attempt attempt) {
    abandoned.increment();
    if (isProbe(attempt)) {
      abandonedProbes.increment();
    }
  }

  /** Returns false if this attempt must be told an outcome instead. */
  boolean dropped(Attempt attempt) {
    if (attempt.lease == null) {
      neverTold.increment();
      return true;
    }
    return remembered.incrementAndGet() <= REMEMBERED && droppedProbes.add(attempt.lease.settled());
  }

  private void advised(boolean clamps) {
    advisories.increment();
    if (clamps) {
      clamped.increment();
    }
  }

  private void bornIf(boolean newlyTracked) {
    if (newlyTracked) {
      births.increment();
    }
  }

  private static boolean isProbe(Attempt attempt) {
    return attempt.lease != null;
  }

  /** Attempts that have no outcome and did not lapse. */
  long open() {
    return neverTold.sum()
        + droppedProbes.stream().filter(lapsed -> !lapsed.get()).count();
  }

  /** While nobody writes: nothing was lost and nothing was counted twice. */
  void assertAgrees(ConcurrentBackoffTable<?> table) {
    BackoffStats stats = table.stats();
    assertThat(new BackoffStats(
            failures.sum(),
            stats.failureDelays(),
            successes.sum(),
            advisories.sum(),
            stats.advisoryDelays(),
            clamped.sum(),
            denied.sum(),
            admitted.sum(),
            probes.sum(),
            succeededProbes.sum(),
            failedProbes.sum(),
            abandonedProbes.sum(),
            stats.lapsedProbes(),
            stats.staleOutcomes(),
            stats.idleEvictions(),
            stats.sizeEvictions()))
        .as("what the threads counted, and the table")
        .isEqualTo(stats);
    assertThat(
            counted.sum() + abandoned.sum() + stats.staleOutcomes() + stats.lapsedProbes() + open())
        .as("attempts: counted + abandoned + stale + lapsed + open = admitted")
        .isEqualTo(stats.admitted());
    assertThat(births.sum() - stats.successes() - stats.idleEvictions() - stats.sizeEvictions())
        .as("peers: newly tracked - forgiven - evicted = tracked")
        .isEqualTo(table.size());
  }

  /** After the table was drained: no probe that was dropped can lapse any more. */
  void closeAccounts() {
    long open = open();
    droppedProbes.clear();
    remembered.set(0);
    neverTold.reset();
    neverTold.add(open);
  }
}
