package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many threads with permits of one peer. */
@Tag("concurrent")
final class PermitConcurrencyTest {
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
        if (table.tryAcquire("a").isPresent()) { // never reported
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
  void recordFailure_manySendsInFlightWhenAPeerDies_isOneStepEachRound() throws Exception {
    int rounds = 1_000;
    CyclicBarrier allInFlight = new CyclicBarrier(WORKERS);
    AtomicInteger counted = new AtomicInteger();

    Threads.race(WORKERS, worker -> {
      for (int round = 0; round < rounds; round++) {
        Permit permit = table.tryAcquire("peer-" + round).orElseThrow();
        allInFlight.await();
        if (permit.recordFailure()) {
          counted.incrementAndGet();
        }
      }
    });

    assertThat(counted).hasValue(rounds);
    assertThat(table.snapshot().values()).extracting(BackoffState::attempts).containsOnly(1);
    assertThat(table.size()).isEqualTo(rounds);
    assertThat(table.stats().staleOutcomes()).isEqualTo((long) (WORKERS - 1) * rounds);
  }

  /** A lease is not an outcome: in a chain of slow probes, the first outcome counts. */
  @Test
  void recordFailure_probesThatLapsed_oneCountsEachRound() throws Exception {
    int probes = 4;
    int rounds = 2_000;
    AtomicInteger counted = new AtomicInteger();
    Permit[] chain = new Permit[probes];
    CyclicBarrier next = new CyclicBarrier(probes, () -> {
      table.recordSuccess("a");
      table.recordFailure("a");
      for (int i = 0; i < probes; i++) {
        clock.advance(Duration.ofMinutes(1)); // each lease expires
        chain[i] = table.tryAcquire("a").orElseThrow();
      }
    });

    Threads.race(probes, thread -> {
      for (int round = 0; round < rounds; round++) {
        next.await();
        if (thread % 2 == 0 ? chain[thread].recordFailure() : chain[thread].recordSuccess()) {
          counted.incrementAndGet();
        }
      }
    });

    assertThat(counted).hasValue(rounds);
    assertThat(table.stats().staleOutcomes()).isEqualTo((long) (probes - 1) * rounds);
  }

  @Test
  void outcome_reportedByTwoThreads_countsOnceAndIsInEffectForBoth() throws Exception {
    int rounds = 20_000;
    AtomicInteger notInEffect = new AtomicInteger();
    AtomicInteger counted = new AtomicInteger();
    Permit[] permit = new Permit[1];
    CyclicBarrier next = new CyclicBarrier(2, () -> {
      table.recordSuccess("a");
      table.recordFailure("a");
      clock.advance(Duration.ofMillis(10));
      permit[0] = table.tryAcquire("a").orElseThrow();
    });

    Threads.race(2, thread -> {
      for (int round = 0; round < rounds; round++) {
        next.await();
        if (thread == 0 ? permit[0].recordFailure() : permit[0].recordSuccess()) {
          counted.incrementAndGet();
        } else {
          int attempts = table.state("a").map(BackoffState::attempts).orElse(0);
          if (attempts != (thread == 0 ? 0 : 2)) { // as the other thread reported
            notInEffect.incrementAndGet();
          }
        }
      }
    });

    assertThat(counted).hasValue(rounds);
    assertThat(notInEffect).hasValue(0);
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  /** A {@code try (permit)} closes the permit before its {@code catch} reports the failure. */
  @Test
  void recordFailure_afterReleaseWhileOthersProbe_losesNoOutage() throws Exception {
    int rounds = 20_000;
    AtomicInteger counted = new AtomicInteger();

    Threads.race(8, thread -> {
      for (int round = 0; round < rounds; round++) {
        Permit permit = table.tryAcquire("a").orElse(null);
        if (permit == null) {
          clock.advance(Duration.ofMillis(1));
          continue;
        }
        permit.close();
        if (permit.recordFailure()) {
          counted.incrementAndGet();
        }
      }
    });

    BackoffStats stats = table.stats();
    assertThat(stats.failures()).isEqualTo(counted.get());
    assertThat(stats.granted()).isEqualTo(counted.get() + stats.staleOutcomes());
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(counted.get());
  }

  /** Each permit's outcome counts or is stale, and the statistics say which. */
  @Test
  void stats_everyOutcomeAtRandom_addUp() throws Exception {
    ConcurrentBackoffTable<Integer> busy = ConcurrentBackoffTable.builder()
        .maximumPeers(12)
        .probeLease(Duration.ofMillis(20))
        .nanoTime(clock)
        .build();
    LongAdder counted = new LongAdder();
    LongAdder unreported = new LongAdder();
    LongAdder failures = new LongAdder();

    Threads.race(8, thread -> {
      SplittableRandom random = new SplittableRandom(ThreadLocalRandom.current().nextLong());
      Permit[] inFlight = new Permit[8];
      for (int i = 0; i < 50_000; i++) {
        Permit granted = busy.tryAcquire(random.nextInt(16)).orElse(null);
        if (random.nextInt(4) == 0) {
          clock.advance(Duration.ofMillis(5));
        }
        if (granted == null) {
          continue;
        }
        int slot = random.nextInt(inFlight.length);
        Permit permit = inFlight[slot]; // reported late, so that some outcomes are stale
        inFlight[slot] = granted;
        if (permit == null) {
          continue;
        }
        switch (random.nextInt(5)) {
          case 0 -> add(counted, permit.recordSuccess());
          case 1 ->
            add(counted, permit.recordRemoteAdvisory(Duration.ofMillis(random.nextInt(20))));
          case 2 -> {
            permit.release();
            unreported.increment();
          }
          case 3 -> unreported.increment(); // its lease expires
          default -> {
            boolean counts = permit.recordFailure();
            add(counted, counts);
            add(failures, counts);
          }
        }
      }
      unreported.add(Arrays.stream(inFlight).filter(Objects::nonNull).count());
    });

    BackoffStats stats = busy.stats();
    assertThat(stats.failures()).isEqualTo(failures.sum());
    assertThat(stats.lapsedProbes()).isPositive().isLessThanOrEqualTo(stats.probes());
    assertThat(stats.releasedProbes()).isPositive().isLessThanOrEqualTo(stats.probes());
    assertThat(stats.staleOutcomes()).isPositive();
    assertThat(counted.sum() + stats.staleOutcomes() + unreported.sum()).isEqualTo(stats.granted());
  }

  private static void add(LongAdder adder, boolean counts) {
    if (counts) {
      adder.increment();
    }
  }
}
