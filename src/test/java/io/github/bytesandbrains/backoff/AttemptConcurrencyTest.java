package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Many workers, one peer. */
final class AttemptConcurrencyTest {
  private static final int WORKERS = 64;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  @Test
  void tryAcquire_manyWorkersAtADuePeer_admitsExactlyOneEachRound() throws Exception {
    int rounds = 1_000;
    AtomicIntegerArray admitted = new AtomicIntegerArray(rounds);
    CyclicBarrier roundStarts = new CyclicBarrier(WORKERS, () -> {
      table.recordFailure("a");
      clock.advance(Duration.ofMinutes(1));
    });

    Threads.race(WORKERS, worker -> {
      for (int round = 0; round < rounds; round++) {
        roundStarts.await();
        if (table.tryAcquire("a").isPresent()) { // and lost
          admitted.incrementAndGet(round);
        }
      }
    });

    for (int round = 0; round < rounds; round++) {
      assertThat(admitted.get(round)).as("round %d", round).isEqualTo(1);
    }
    assertThat(table.stats().probes()).isEqualTo(rounds);
    assertThat(table.stats().denied()).isEqualTo((long) (WORKERS - 1) * rounds);
  }

  @Test
  void failed_manySendsInFlightWhenAPeerDies_isOneStepEachRound() throws Exception {
    int rounds = 1_000;
    CyclicBarrier allInFlight = new CyclicBarrier(WORKERS);
    AtomicInteger counted = new AtomicInteger();

    Threads.race(WORKERS, worker -> {
      for (int round = 0; round < rounds; round++) {
        Attempt attempt = table.tryAcquire("peer-" + round).orElseThrow();
        allInFlight.await();
        if (attempt.failed()) {
          counted.incrementAndGet();
        }
      }
    });

    assertThat(counted).hasValue(rounds);
    assertThat(table.snapshot().values()).extracting(BackoffState::attempts).containsOnly(1);
    assertThat(table.size()).isEqualTo(rounds);
    assertThat(table.stats().staleOutcomes()).isEqualTo((long) (WORKERS - 1) * rounds);
  }

  @Test
  void outcome_toldByTwoThreads_countsOnceAndIsInEffectForBoth() throws Exception {
    int rounds = 20_000;
    AtomicInteger notInEffect = new AtomicInteger();
    AtomicInteger counted = new AtomicInteger();
    Attempt[] attempt = new Attempt[1];
    CyclicBarrier next = new CyclicBarrier(2, () -> {
      table.recordSuccess("a");
      table.recordFailure("a");
      clock.advance(Duration.ofMillis(10));
      attempt[0] = table.tryAcquire("a").orElseThrow();
    });

    Threads.race(2, thread -> {
      for (int round = 0; round < rounds; round++) {
        next.await();
        if (thread == 0 ? attempt[0].failed() : attempt[0].succeeded()) {
          counted.incrementAndGet();
        } else {
          int attempts = table.state("a").map(BackoffState::attempts).orElse(0);
          if (attempts != (thread == 0 ? 0 : 2)) { // as the other one told
            notInEffect.incrementAndGet();
          }
        }
      }
    });

    assertThat(counted).hasValue(rounds);
    assertThat(notInEffect).hasValue(0);
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  /** The peer has no state before, so that to abandon the attempt changes nothing, and needs no lock. */
  @Test
  void abandoned_failureByAnotherThreadComesFirst_isInEffect() throws Exception {
    int rounds = 60_000;
    AtomicInteger notInEffect = new AtomicInteger();
    Attempt[] attempt = new Attempt[1];
    CyclicBarrier next = new CyclicBarrier(2, () -> {
      table.recordSuccess("a");
      attempt[0] = table.tryAcquire("a").orElseThrow();
    });

    Threads.race(2, thread -> {
      for (int round = 0; round < rounds; round++) {
        next.await();
        if (thread == 0) {
          attempt[0].failed();
        } else if (!attempt[0].abandoned() && table.state("a").isEmpty()) {
          notInEffect.incrementAndGet();
        }
      }
    });

    assertThat(notInEffect).hasValue(0);
  }

  /** Each admitted attempt ends in one way: it counts, it is stale, it lapses, or it stays open. */
  @Test
  void stats_everyOutcomeAtRandom_addUp() throws Exception {
    ConcurrentBackoffTable<Integer> busy = ConcurrentBackoffTable.builder()
        .maximumPeers(12)
        .probeLease(Duration.ofMillis(20))
        .nanoTime(clock)
        .build();
    LongAdder counted = new LongAdder();
    LongAdder lost = new LongAdder();
    LongAdder failures = new LongAdder();

    Threads.race(8, thread -> {
      SplittableRandom random = new SplittableRandom(ThreadLocalRandom.current().nextLong());
      for (int i = 0; i < 50_000; i++) {
        Attempt attempt = busy.tryAcquire(random.nextInt(16)).orElse(null);
        if (random.nextInt(4) == 0) {
          clock.advance(Duration.ofMillis(5));
        }
        if (attempt == null) {
          continue;
        }
        switch (random.nextInt(5)) {
          case 0 -> add(counted, attempt.succeeded());
          case 1 -> add(counted, attempt.advised(Duration.ofMillis(random.nextInt(20))));
          case 2 -> add(counted, attempt.abandoned());
          case 3 -> lost.increment();
          default -> {
            boolean counts = attempt.failed();
            add(counted, counts);
            add(failures, counts);
          }
        }
      }
    });

    BackoffStats stats = busy.stats();
    long open = stats.admitted() - counted.sum() - stats.staleOutcomes() - stats.lapsedProbes();
    assertThat(stats.failures()).isEqualTo(failures.sum());
    assertThat(stats.lapsedProbes()).isPositive().isLessThanOrEqualTo(stats.probes());
    assertThat(stats.staleOutcomes()).isPositive();
    // One that lapsed may have told its outcome too late, and then it was not lost.
    assertThat(open).isBetween(lost.sum() - stats.lapsedProbes(), lost.sum());
  }

  private static void add(LongAdder adder, boolean counts) {
    if (counts) {
      adder.increment();
    }
  }
}
