package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Everything at once, on one table, for as long as {@code -Dsoak.seconds} says; {@code -Dsoak.seed} repeats
 * the draws of a run. Eight threads work on peers of which few are hot and most are rare, in rounds; a ninth
 * scrapes all the while. The clock moves by each step of theirs, so that cooldowns end, leases lapse and
 * idleness strikes however fast the machine is; the wall clock says only when a round is over.
 *
 * <p>After each round the accounts must agree to the last one, and once all is idle the table must be
 * empty. The heap is compared, after a collection and with the table at its bound, between the first tenth
 * and the end.
 */
final class SoakTest {
  private static final double SECONDS = Double.parseDouble(System.getProperty("soak.seconds", "2"));
  private static final int TENTHS = 10;
  private static final int ROUNDS = TENTHS * (int) Math.ceil(SECONDS / 600); // of a minute at most

  private static final int THREADS = 8;
  private static final int PEERS = 20_000;
  private static final int MAXIMUM = 1_000;

  /**
   * For what the runtime keeps and no peer is to blame for: classes loaded late, counter cells and a larger
   * array of the map after more contention and a higher peak. Measured: 35 kB at most.
   */
  private static final long HEAP_ALLOWANCE = 256 * 1024;

  private static final Duration MAX_ADVISORY = Duration.ofSeconds(5);

  private final long seed = Long.getLong("soak.seed", new Random().nextLong());
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(2))
          .withJitter(Jitter.equal()))
      .maxAdvisory(MAX_ADVISORY)
      .probeLease(Duration.ofMillis(50))
      .idleTimeout(Duration.ofSeconds(8))
      .maximumPeers(MAXIMUM)
      .nanoTime(clock)
      .build();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private final SoakTally tally = new SoakTally();
  private final Zipf zipf = new Zipf(PEERS);
  private final String[] peers =
      IntStream.range(0, PEERS).mapToObj(i -> "peer-" + i).toArray(String[]::new);
  private final AtomicReferenceArray<@Nullable Attempt> inFlight = new AtomicReferenceArray<>(64);
  private final LongAccumulator peak = new LongAccumulator(Math::max, 0);

  /** Caffeine logs what the index throws, and goes on. */
  private static final Logger CAFFEINE = Logger.getLogger("com.github.benmanes.caffeine.cache");

  private final Queue<String> swallowed = new ConcurrentLinkedQueue<>();
  private final Handler listener = new Handler() {
    @Override
    public void publish(LogRecord logged) {
      swallowed.add(logged.getMessage() + ": " + logged.getThrown());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  };

  @BeforeEach
  void listen() {
    CAFFEINE.addHandler(listener);
  }

  @AfterEach
  void stopListening() {
    CAFFEINE.removeHandler(listener);
  }

  @Test
  void table_everythingAtOnce_losesNothingAndKeepsNothing() throws Exception {
    BackoffTableMetrics.monitor(registry, table, "soak");
    SplittableRandom seeds = new SplittableRandom(seed);
    System.out.printf("soak: %.0f s in %d rounds, seed %d%n", SECONDS, ROUNDS, seed);
    long start = clock.getAsLong();
    long heapAtFirst = 0;

    for (int round = 1; round <= ROUNDS; round++) {
      long end = System.nanoTime() + (long) (SECONDS / ROUNDS * TimeUnit.SECONDS.toNanos(1));
      SplittableRandom[] randoms = new SplittableRandom[THREADS];
      for (int i = 0; i < THREADS; i++) {
        randoms[i] = seeds.split();
      }
      Threads.race(THREADS + 1, thread -> {
        if (thread == THREADS) {
          scrapeUntil(end);
        } else {
          workUntil(end, randoms[thread]);
        }
      });
      landAll(seeds);

      tally.assertAgrees(table);
      assertIndexed();
      assertDrains();
      if (round == ROUNDS / TENTHS) {
        heapAtFirst = heapAtTheBound();
      }
    }
    long heapAtLast = heapAtTheBound();
    await("no probe is kept").until(() -> {
      System.gc(); // a lease that nobody has is known by a collection
      table.cleanUp();
      return table.probes.size() == 0;
    });

    report(Duration.ofNanos(clock.getAsLong() - start), heapAtFirst, heapAtLast);
    BackoffStats stats = table.stats();
    assertThat(new long[] {
          tally.counted.sum(), tally.abandoned.sum(), tally.open(), tally.clamped.sum(),
          tally.restored.sum(), stats.successes(), stats.denied(), stats.lapsedProbes(),
          stats.staleOutcomes(), stats.idleEvictions(), stats.sizeEvictions()
        })
        .as("everything happened")
        .doesNotContain(0);
    assertThat(swallowed).as("exceptions that Caffeine logged").isEmpty();
    assertThat(peak.get()).isBetween((long) MAXIMUM, 2L * MAXIMUM);
    assertThat(heapAtLast)
        .as("heap at the end; %,d after the first tenth", heapAtFirst)
        .isLessThanOrEqualTo(heapAtFirst + HEAP_ALLOWANCE);
  }

  private void workUntil(long end, SplittableRandom random) {
    do {
      for (int i = 0; i < 64; i++) {
        step(random);
      }
      tally.steps.add(64);
      peak.accumulate(table.map.size()); // the forgotten included
    } while (System.nanoTime() < end);
  }

  private void step(SplittableRandom random) {
    clock.advance(Duration.ofNanos(random.nextInt(200_000)));
    String peer = peers[zipf.draw(random)];
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> tally.recordedFailure(table.recordFailure(peer));
      case 4 -> {
        Duration advisory = advisory(random);
        BackoffState state = table.recordRemoteAdvisory(peer, advisory);
        tally.recordedAdvisory(state, isClamped(advisory));
      }
      case 5 -> {
        if (table.recordSuccess(peer)) {
          tally.successes.increment();
        }
      }
      case 6 -> table.shouldRetry(peer);
      case 7 -> table.shouldRetry(peer, clock.getAsLong());
      case 8 -> table.remaining(peer);
      case 9 -> rarely(random);
      default -> attempt(peer, random);
    }
  }

  private void rarely(SplittableRandom random) {
    int draw = random.nextInt(2_000);
    if (draw == 0) {
      clock.advance(Duration.ofSeconds(20)); // all are idle
    } else if (draw < 100) { // only peers that are new, so that it is known how many are tracked
      long now = clock.getAsLong();
      tally.restored();
      table.restoreState(
          "restored-" + random.nextLong(),
          new BackoffState(1 + random.nextInt(40), now, now + random.nextInt(100_000_000)));
    }
  }

  private void attempt(String peer, SplittableRandom random) {
    Attempt attempt = table.tryAcquire(peer).orElse(null);
    if (attempt == null) {
      tally.denied.increment();
      return;
    }
    tally.admitted(attempt);
    int draw = random.nextInt(32);
    if (draw == 0 && tally.dropped(attempt)) {
      return; // never told
    }
    if (draw < 16) { // told later, by any thread
      attempt = inFlight.getAndSet(random.nextInt(inFlight.length()), attempt);
    }
    if (attempt != null) {
      tell(attempt, random);
    }
  }

  private void tell(Attempt attempt, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        if (attempt.succeeded()) {
          tally.succeeded(attempt);
        }
      }
      case 1 -> {
        if (attempt.failed()) {
          tally.failed(attempt);
        }
      }
      case 2 -> {
        Duration advisory = advisory(random);
        if (attempt.advised(advisory)) {
          tally.advised(attempt, isClamped(advisory));
        }
      }
      default -> {
        if (attempt.abandoned()) {
          tally.abandoned(attempt);
        }
      }
    }
  }

  private static Duration advisory(SplittableRandom random) {
    return Duration.ofMillis(random.nextInt(50) == 0 ? 6_000 : random.nextInt(100));
  }

  private static boolean isClamped(Duration advisory) {
    return advisory.compareTo(MAX_ADVISORY) > 0;
  }

  private void landAll(SplittableRandom random) {
    for (int i = 0; i < inFlight.length(); i++) {
      Attempt attempt = inFlight.getAndSet(i, null);
      if (attempt != null) {
        tell(attempt, random);
      }
    }
  }

  private void scrapeUntil(long end) {
    BackoffStats none = table.stats().minus(table.stats());
    BackoffStats earlier = none;
    do {
      registry.getMeters().forEach(meter -> meter.measure().forEach(Measurement::getValue));
      table.forEach((peer, state) -> assertThat(state.attempts()).isPositive());
      peak.accumulate(table.snapshot().size());
      BackoffStats stats = table.stats();
      assertThat(earlier.minus(stats)).as("counts that fell").isEqualTo(none);
      earlier = stats;
    } while (System.nanoTime() < end);
  }

  private void assertIndexed() {
    table.cleanUp();
    assertThat(table.size()).isLessThanOrEqualTo(MAXIMUM);
    IndexCheck.assertIndexed(table);
  }

  /** Fills the drained table to its bound, so that the same is in it each time, and drains it again. */
  private long heapAtTheBound() {
    for (int i = 0; i < MAXIMUM; i++) {
      tally.recordedFailure(table.recordFailure("filler-" + i));
    }
    assertThat(table.size()).isEqualTo(MAXIMUM);
    long heap = heapAfterCollection();
    assertDrains();
    return heap;
  }

  private static long heapAfterCollection() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private void assertDrains() {
    clock.advance(Duration.ofMinutes(1)); // beyond every delay and the idle timeout
    table.cleanUp();
    assertThat(table.map).as("peers kept though idle").isEmpty();
    assertThat(table.index.peers().size())
        .as("entries of the index though idle")
        .isZero();
    tally.assertAgrees(table);
    tally.closeAccounts();
    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isZero();
  }

  private void report(Duration tableTime, long heapAtFirst, long heapAtLast) {
    BackoffStats stats = table.stats();
    System.out.printf(
        "  %,d steps of %d threads, %,d s of the table's time%n",
        tally.steps.sum(), THREADS, tableTime.toSeconds());
    System.out.printf(
        "  recorded: %,d failures, %,d advisories (%,d clamped), %,d successes, %,d restored%n",
        stats.failures(),
        stats.advisories(),
        stats.clampedAdvisories(),
        stats.successes(),
        tally.restored.sum());
    System.out.printf(
        "  attempts: %,d admitted = %,d counted + %,d abandoned + %,d stale + %,d lapsed + %,d open; %,d probes, %,d denied%n",
        stats.admitted(),
        tally.counted.sum(),
        tally.abandoned.sum(),
        stats.staleOutcomes(),
        stats.lapsedProbes(),
        tally.open(),
        stats.probes(),
        stats.denied());
    System.out.printf(
        "  peers: %,d newly tracked = %,d forgiven + %,d evicted idle + %,d by size; %,d at most, of %,d%n",
        tally.births.sum(),
        stats.successes(),
        stats.idleEvictions(),
        stats.sizeEvictions(),
        peak.get(),
        MAXIMUM);
    System.out.printf(
        "  heap: %,d kB after the first tenth, %,d kB at the end%n",
        heapAtFirst / 1024, heapAtLast / 1024);
  }
}
