package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that share a table: never early, nothing lost, and each peer indexed once. */
@Tag("concurrent")
final class ConcurrencyTest {
  private static final int THREADS = 8;

  private final FakeClock clock = new FakeClock();

  @Test
  void recordFailure_manyThreadsOnePeer_losesNothing() throws Exception {
    int failures = 50_000;
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    AtomicIntegerArray seen = new AtomicIntegerArray(THREADS * failures + 1);

    Threads.race(THREADS, thread -> {
      for (int i = 0; i < failures; i++) {
        seen.incrementAndGet(table.recordFailure("a").attempts());
      }
    });

    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(THREADS * failures);
    assertThat(IntStream.rangeClosed(1, THREADS * failures).filter(n -> seen.get(n) != 1))
        .as("attempts that were not returned to exactly one caller")
        .isEmpty();
  }

  @Test
  void recordFailure_failuresAndAdvisoriesManyPeers_losesNothing() throws Exception {
    int rounds = 20_000;
    List<String> peers = IntStream.range(0, 16).mapToObj(i -> "peer-" + i).toList();
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();

    Threads.race(THREADS, thread -> {
      for (int i = 0; i < rounds; i++) {
        String peer = peers.get(i % peers.size());
        if ((i + thread) % 3 == 0) {
          table.recordRemoteAdvisory(peer, Duration.ofMillis(thread));
        } else {
          table.recordFailure(peer);
        }
      }
    });

    assertThat(table.snapshot().values())
        .extracting(BackoffState::attempts)
        .containsOnly(THREADS * rounds / peers.size())
        .hasSize(peers.size());
  }

  @Test
  void shouldRetry_stateSeen_isNeverEarly() throws Exception {
    int rounds = 200_000;
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofNanos(Long.MAX_VALUE))
        .maximumPeers(Long.MAX_VALUE)
        .nanoTime(clock)
        .build();
    long start = clock.getAsLong();
    long step = Duration.ofMillis(20).toNanos(); // each failure raises the horizon
    Queue<String> early = new ConcurrentLinkedQueue<>();
    AtomicBoolean done = new AtomicBoolean();

    Threads.race(2, thread -> {
      if (thread == 0) {
        for (int peer = 0; peer < rounds; peer++) {
          table.recordFailure(peer, start + peer * step);
        }
        done.set(true);
        return;
      }
      for (int peer = 0; peer < rounds; peer++) {
        while (table.state(peer).isEmpty() && !done.get()) {
          Thread.onSpinWait();
        }
        long now = start + peer * step;
        if (table.shouldRetry(peer, now)) {
          early.add("peer " + peer + " at " + now);
        }
      }
    });

    assertThat(early).isEmpty();
  }

  /** Few peers, a small bound and a short timeout, so that every pair of operations races. */
  @Test
  void recordSuccess_racingFailuresAndEvictions_indexesEachPeerOnce() throws Exception {
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofMillis(80)))
        .idleTimeout(Duration.ofMillis(100))
        .maximumPeers(12)
        .nanoTime(clock)
        .build();

    Threads.race(THREADS, thread -> {
      SplittableRandom random = new SplittableRandom(ThreadLocalRandom.current().nextLong());
      for (int i = 0; i < 50_000; i++) {
        Integer peer = random.nextInt(16);
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> table.recordFailure(peer);
          case 3, 4, 5 -> table.recordSuccess(peer);
          case 6 -> clock.advance(Duration.ofMillis(40));
          default -> {
            if (random.nextInt(16) == 0) {
              table.cleanUp();
            }
          }
        }
      }
    });

    table.recordFailure(-1); // makes room for whatever the race left beyond the bound
    table.cleanUp();
    assertIndexed(table);
    assertThat(table.size()).isLessThanOrEqualTo(12);

    clock.advance(Duration.ofMinutes(1)); // until the markers of recoveries have expired, too
    table.cleanUp();
    assertThat(IndexAssertions.mapped(table)).as("nothing is kept").isEmpty();
    assertThat(table.index.peers()).isEmpty();
  }

  /** Each peer is raced for once, so that nothing repairs the index later. */
  @Test
  @SuppressWarnings("ThreadPriorityCheck") // a hint, for machines with fewer cores than threads
  void recordSuccess_racingAFailureOnOnePeer_indexesEachPeerOnce() throws Exception {
    int peers = 20_000;
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    AtomicInteger arrived = new AtomicInteger();

    Threads.race(2, thread -> {
      for (int peer = 0; peer < peers; peer++) {
        if (thread == 0) {
          table.recordFailure(peer);
        }
        arrived.incrementAndGet();
        while (arrived.get() < 2 * (peer + 1)) {
          Thread.yield();
        }
        if (thread == 0) {
          table.recordSuccess(peer);
        } else {
          table.recordFailure(peer);
        }
      }
    });

    assertIndexed(table);
  }

  /** A peer fails and succeeds while new peers push it out. */
  @Test
  void recordFailure_racingAnEvictionBySize_indexesEachPeerOnce() throws Exception {
    int peers = 20_000;
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().maximumPeers(8).nanoTime(clock).build();
    AtomicBoolean done = new AtomicBoolean();

    Threads.race(2, thread -> {
      if (thread == 0) {
        for (int i = 0; !done.get(); i++) {
          table.recordFailure("other-" + i);
        }
        return;
      }
      for (int peer = 0; peer < peers; peer++) {
        for (int i = 0; i < 20; i++) {
          table.recordFailure("peer-" + peer);
          table.recordSuccess("peer-" + peer);
        }
        table.recordFailure("peer-" + peer);
      }
      done.set(true);
    });

    table.recordFailure("new"); // makes room for whatever the race left beyond the bound
    assertIndexed(table);
    assertThat(table.size()).isLessThanOrEqualTo(8);
  }

  /** The failure comes during the first look-up of the review, or the one that removes the peer. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void cleanUp_idlePeerThatFailsDuringItsReview_keepsTheFailure(int lookUps) {
    ConcurrentBackoffTable<HookedPeer> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    HookedPeer peer = new HookedPeer();
    table.recordFailure(peer);
    clock.advance(Duration.ofHours(1));

    peer.hookAfter(lookUps, () -> table.recordFailure(peer));
    table.cleanUp();

    assertThat(table.state(peer)).map(BackoffState::attempts).contains(1);
    assertThat(table.stats().failures()).isEqualTo(2);
    assertIndexed(table);
  }

  private static <P> void assertIndexed(ConcurrentBackoffTable<P> table) {
    IndexAssertions.assertIndexed(table);
    assertThat(table.size()).isEqualTo(table.snapshot().size());
  }

  @Test
  void steering_racingFailures_losesNoFailure() throws Exception {
    for (int round = 0; round < 20; round++) {
      ConcurrentBackoffTable<String> table =
          ConcurrentBackoffTable.builder().nanoTime(clock).build();

      Threads.race(4, thread -> {
        for (int i = 0; i < 1_000; i++) {
          if (thread < 2) {
            table.recordFailure("a");
          } else if (thread == 2) {
            table.postpone("a", Duration.ofSeconds(i));
          } else {
            table.expedite("a");
            table.tryAcquire("a").ifPresent(Permit::release);
          }
        }
      });

      assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2_000);
      assertIndexed(table);
    }
  }

  /** Notifications may come in another order, but each recorded state is notified. */
  @Test
  void changed_manyThreadsOnePeer_isCalledForEachFailure() throws Exception {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    AtomicIntegerArray calls = new AtomicIntegerArray(20_001);
    table.addListener((peer, change, state) -> calls.incrementAndGet(state.attempts()));

    Threads.race(4, thread -> {
      for (int i = 0; i < 5_000; i++) {
        table.recordFailure("a");
      }
    });

    assertThat(IntStream.rangeClosed(1, 20_000).filter(n -> calls.get(n) != 1)).isEmpty();
  }

  @Test
  void forEach_whileOthersWrite_neverThrowsAndSeesWholeStates() throws Exception {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    AtomicBoolean done = new AtomicBoolean();

    Threads.race(4, thread -> {
      if (thread == 0) {
        for (int i = 0; i < 2_000; i++) {
          table.snapshot().forEach((peer, state) -> assertThat(state).isEqualTo(whole(state)));
          table.forEach((peer, state) -> assertThat(state.attempts()).isPositive());
        }
        done.set(true);
        return;
      }
      SplittableRandom random = new SplittableRandom(thread);
      while (!done.get()) {
        Integer peer = random.nextInt(64);
        if (random.nextBoolean()) {
          table.recordFailure(peer);
        } else {
          table.recordSuccess(peer);
        }
      }
    });
  }

  /** The state after that many failures, the last one at that time. */
  private static BackoffState whole(BackoffState state) {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60));
    return new BackoffState(
        state.attempts(),
        state.lastAttemptNanos(),
        state.lastAttemptNanos() + schedule.delayNanos(state.attempts()));
  }
}
