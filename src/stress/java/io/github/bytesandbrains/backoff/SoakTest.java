package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every operation concurrently, on one table, for {@code -Dsoak.seconds}. {@code -Dsoak.seed}
 * repeats the random draws of a run. Eight threads work in rounds, on a few hot and many rare
 * peers, while a ninth scrapes. Each step moves the clock, so that cooldowns end, leases expire and
 * peers become idle on a machine of any speed. The wall clock only ends a round.
 *
 * <p>After each round the counts must agree exactly, and once every peer is idle the table must be
 * empty. With the table at its bound, the heap at the end is compared with the heap after the first
 * tenth.
 */
@Tag("concurrent")
final class SoakTest {
  private static final double SECONDS = Double.parseDouble(System.getProperty("soak.seconds", "2"));
  private static final int TENTHS = 10;
  private static final int ROUNDS = TENTHS * (int) Math.ceil(SECONDS / 600); // of a minute at most

  private static final int THREADS = 8;
  private static final int PEERS = 20_000;
  private static final int MAXIMUM = 1_000;

  /** For what is allocated late: classes, cells of counters, a larger array of the map. */
  private static final long HEAP_ALLOWANCE = 256 * 1024;

  /** By how many peers the bound may be exceeded: 16, and one for each thread that records. */
  private static final int OVERSHOOT = 16 + THREADS;

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
  private final AtomicReferenceArray<@Nullable Permit> inFlight = new AtomicReferenceArray<>(64);
  private final LongAccumulator peak = new LongAccumulator(Math::max, 0);

  /** Caffeine logs what the index throws, and continues. */
  private static final Logger CAFFEINE = Logger.getLogger("com.github.benmanes.caffeine.cache");

  private final Queue<String> swallowed = new ConcurrentLinkedQueue<>();
  private final Handler logHandler = new Handler() {
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
    CAFFEINE.addHandler(logHandler);
  }

  @AfterEach
  void stopListening() {
    CAFFEINE.removeHandler(logHandler);
  }

  @Test
  void table_everyOperationConcurrently_losesNothingAndKeepsNothing() throws Exception {
    BackoffTableMetrics.monitor(registry, table, "soak");
    AutoCloseable registration = table.addListener(tally);
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
      reportAllInFlight(seeds);

      tally.assertAgrees(table);
      assertIndexed();
      assertDrains();
      if (round == ROUNDS / TENTHS) {
        heapAtFirst = heapAtTheBound();
      }
    }
    long heapAtLast = heapAtTheBound();
    registration.close();

    report(Duration.ofNanos(clock.getAsLong() - start), heapAtFirst, heapAtLast);
    BackoffStats stats = table.stats();
    assertThat(new long[] {
          tally.counted.sum(),
          tally.countedAfterRelease.sum(),
          tally.clamped.sum(),
          tally.steered.sum(),
          stats.successes(),
          stats.denied(),
          stats.lapsedProbes(),
          stats.releasedProbes(),
          stats.staleOutcomes(),
          stats.staleAdvisories(),
          stats.idleEvictions(),
          stats.sizeEvictions()
        })
        .as("everything happened")
        .doesNotContain(0);
    assertThat(swallowed).as("exceptions that Caffeine logged").isEmpty();
    assertThat(peak.get()).isBetween((long) MAXIMUM, (long) MAXIMUM + OVERSHOOT);
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
      peak.accumulate(table.map.mappings()); // recovered peers included
    } while (System.nanoTime() < end);
  }

  private void step(SplittableRandom random) {
    clock.advance(Duration.ofNanos(random.nextInt(200_000)));
    String peer = peers[zipf.draw(random)];
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> {
        table.recordFailure(peer);
        tally.failures.increment();
      }
      case 4 -> {
        Duration advisory = advisory(random);
        table.recordRemoteAdvisory(peer, advisory);
        tally.advisories.increment();
        tally.clamped.add(isClamped(advisory) ? 1 : 0);
      }
      case 5 -> tally.successes.add(table.recordSuccess(peer) ? 1 : 0);
      case 6 -> table.shouldRetry(peer);
      case 7 -> table.shouldRetry(peer, clock.getAsLong());
      case 8 -> table.remaining(peer);
      case 9 -> steer(peer, random);
      default -> send(peer, random);
    }
  }

  private void steer(String peer, SplittableRandom random) {
    int draw = random.nextInt(2_000);
    tally.steered.increment();
    if (draw == 0) {
      clock.advance(Duration.ofSeconds(20)); // every peer is idle
    } else if (draw == 1) {
      table.expediteAll(Duration.ofMillis(100));
    } else if (draw < 100) {
      table.restoreState(peer, state(random));
    } else if (draw < 200) {
      table.replaceState(peer, table.state(peer).orElse(null), state(random));
    } else if (draw < 300) {
      table.replaceState(peer, table.state(peer).orElse(null), null);
    } else if (draw < 500) {
      table.postpone(peer, Duration.ofMillis(random.nextInt(100)));
    } else if (draw < 700) {
      table.expedite(peer);
    } else if (draw < 800) {
      table.forget(peer);
    } else {
      table.isProbing(peer);
    }
  }

  private BackoffState state(SplittableRandom random) {
    long now = clock.getAsLong();
    return new BackoffState(random.nextInt(40), now, now + random.nextInt(100_000_000));
  }

  private void send(String peer, SplittableRandom random) {
    Permit permit = table.tryAcquire(peer).orElse(null);
    if (permit == null) {
      tally.denied.increment();
      return;
    }
    tally.granted(permit);
    int draw = random.nextInt(32);
    if (draw == 0) {
      return; // never reported
    }
    if (draw < 16) { // reported later, by any thread
      permit = inFlight.getAndSet(random.nextInt(inFlight.length()), permit);
    }
    if (permit != null) {
      report(permit, random);
    }
  }

  private void report(Permit permit, SplittableRandom random) {
    boolean released = random.nextInt(4) == 0;
    if (released && permit.release()) {
      tally.released(permit);
    }
    boolean counts = false;
    switch (random.nextInt(4)) {
      case 0 -> {
        counts = permit.recordSuccess();
        tally.succeeded(permit, counts);
      }
      case 1 -> {
        counts = permit.recordFailure();
        tally.failed(permit, counts);
      }
      case 2 -> {
        Duration advisory = advisory(random);
        counts = permit.recordRemoteAdvisory(advisory);
        tally.advised(permit, counts, isClamped(advisory));
      }
      default -> {} // released, or never reported
    }
    if (released && counts) {
      tally.countedAfterRelease.increment();
    }
  }

  private static Duration advisory(SplittableRandom random) {
    return Duration.ofMillis(random.nextInt(50) == 0 ? 6_000 : random.nextInt(100));
  }

  private static boolean isClamped(Duration advisory) {
    return advisory.compareTo(MAX_ADVISORY) > 0;
  }

  private void reportAllInFlight(SplittableRandom random) {
    for (int i = 0; i < inFlight.length(); i++) {
      Permit permit = inFlight.getAndSet(i, null);
      if (permit != null) {
        report(permit, random);
      }
    }
  }

  private void scrapeUntil(long end) {
    BackoffStats none = table.stats().minus(table.stats());
    BackoffStats earlier = none;
    do {
      registry.getMeters().forEach(meter -> meter.measure().forEach(Measurement::getValue));
      table.forEach((peer, state) -> assertThat(state.attempts()).isNotNegative());
      assertThat(table.snapshot()).doesNotContainValue(null);
      BackoffStats stats = table.stats();
      assertThat(earlier.minus(stats)).as("counts that fell").isEqualTo(none);
      earlier = stats;
    } while (System.nanoTime() < end);
  }

  private void assertIndexed() {
    table.cleanUp();
    assertThat(table.map.mappings()).isLessThanOrEqualTo(MAXIMUM + OVERSHOOT);
    IndexAssertions.assertIndexed(table);
  }

  /** Fills the empty table to its bound, with the same peers each time, and empties it again. */
  private long heapAtTheBound() {
    for (int i = 0; i < MAXIMUM; i++) {
      table.recordFailure("filler-" + i);
      tally.failures.increment();
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
    assertThat(IndexAssertions.mapped(table)).as("peers kept though idle").isEmpty();
    assertThat(table.index.peers().size()).as("peers in the index though idle").isZero();
    tally.assertAgrees(table);
    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isZero();
  }

  private void report(Duration tableTime, long heapAtFirst, long heapAtLast) {
    BackoffStats stats = table.stats();
    System.out.printf(
        "  %,d steps of %d threads, %,d s of the table's time%n",
        tally.steps.sum(), THREADS, tableTime.toSeconds());
    System.out.printf(
        "  recorded: %,d failures, %,d advisories (%,d clamped), %,d successes, %,d steered%n",
        stats.failures(),
        stats.advisories(),
        stats.clampedAdvisories(),
        stats.successes(),
        tally.steered.sum());
    System.out.printf(
        "  permits: %,d granted, %,d denied; %,d counted (%,d after a release), %,d stale%n",
        stats.granted(),
        stats.denied(),
        tally.counted.sum(),
        tally.countedAfterRelease.sum(),
        stats.staleOutcomes());
    System.out.printf(
        "  probes: %,d; %,d released, %,d lapsed%n",
        stats.probes(), stats.releasedProbes(), stats.lapsedProbes());
    System.out.printf(
        "  peers: %,d evicted idle, %,d by size; at most %,d held, the bound is %,d%n",
        stats.idleEvictions(), stats.sizeEvictions(), peak.get(), MAXIMUM);
    System.out.printf(
        "  heap: %,d kB after the first tenth, %,d kB at the end%n",
        heapAtFirst / 1024, heapAtLast / 1024);
  }
}
