package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cooling peer is never idle, and no idle peer is kept. */
final class IdleEvictionTest {
  private static final Duration TICK = Duration.ofNanos(1L << 30);

  private final FakeClock clock = new FakeClock();

  private ConcurrentBackoffTable<String> table(Duration maxDelay, Duration idleTimeout) {
    return ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMillis(10), maxDelay))
        .idleTimeout(idleTimeout)
        .nanoTime(clock)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0.000000001S", "PT0.2S", "PT1.2S", "PT2M", "PT50H", "P400D"})
  void cleanUp_aroundTheIdleTimeout_evictsExactlyThen(Duration idleTimeout) {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), idleTimeout);
    table.recordFailure("a");

    clock.advance(Duration.ofMillis(10).plus(idleTimeout).minusNanos(1));
    table.cleanUp();
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.index.peers()).containsExactly("a");

    clock.advance(Duration.ofNanos(1));
    table.cleanUp();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.index.peers()).isEmpty();
    assertThat(table.stats().idleEvictions()).isEqualTo(1);
    assertThat(table.stats().sizeEvictions()).isZero();
  }

  @Test
  void build_idleTimeoutNotSet_isTwiceTheMaximumDelay() {
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    table.recordFailure("a");

    clock.advance(Duration.ofMillis(10).plusSeconds(120).minusNanos(1));
    table.cleanUp();
    assertThat(table.size()).isEqualTo(1);

    clock.advance(Duration.ofNanos(1));
    table.cleanUp();
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void cleanUp_failedAgainSince_countsFromTheLastFailure() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    for (int i = 0; i < 3; i++) {
      table.recordFailure("a");
      clock.advance(Duration.ofSeconds(4));
    }

    clock.advance(Duration.ofSeconds(1).plusMillis(40).minusNanos(1));
    table.cleanUp();
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.index.peers()).as("kept, and put back").contains("a");

    clock.advance(Duration.ofNanos(1));
    table.cleanUp();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.index.peers()).isEmpty();
  }

  @Test
  void shouldRetry_calledAllTheTime_isNotActivity() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordFailure("a");

    for (int i = 0; i < 51; i++) {
      clock.advance(Duration.ofMillis(100));
      table.shouldRetry("a");
      table.shouldRetry("a", clock.getAsLong());
      table.remaining("a");
      table.state("a");
    }
    table.cleanUp();

    assertThat(table.isEmpty()).isTrue();
  }

  /** A failure at any step of the eviction either keeps the peer or makes it a new one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void cleanUp_peerThatFailsMeanwhile_isTracked(int lookUps) {
    ConcurrentBackoffTable<HookedPeer> table = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofSeconds(5))
        .nanoTime(clock)
        .build();
    HookedPeer peer = new HookedPeer();
    table.recordFailure(peer);
    clock.advance(Duration.ofSeconds(6));
    List<BackoffState> failed = new ArrayList<>();

    peer.hookAfter(lookUps, () -> failed.add(table.recordFailure(peer)));
    table.cleanUp();
    peer.hookAfter(-1, () -> {});
    table.cleanUp();

    assertThat(table.snapshot().values()).containsExactlyElementsOf(failed);
    assertThat(table.index.peers().contains(peer)).isEqualTo(!failed.isEmpty());
    IndexAssertions.assertIndexed(table);
    assertThat(table.stats().idleEvictions()).isEqualTo(failed.isEmpty() || lookUps > 1 ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, 0, 1L << 40})
  void recordFailure_ofAnotherPeer_evictsTheIdleOnes(long start) {
    clock.set(start);
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.restoreState("busy", new BackoffState(4, clock.getAsLong(), clock.getAsLong()));
    for (int i = 0; i < 100; i++) {
      table.recordFailure("idle-" + i);
    }

    clock.advance(TICK.multipliedBy(16));
    table.recordFailure("busy"); // a known peer, at the first tick

    assertThat(table.snapshot()).containsOnlyKeys("busy");
  }

  @Test
  void recordFailure_tenThousandIdleAtOnce_evictsAShareEachTime() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    for (int i = 0; i < 10_000; i++) {
      table.recordFailure("idle-" + i);
    }

    clock.advance(Duration.ofSeconds(6).plus(TICK));
    table.recordFailure("other-0");
    int size = table.size();
    assertThat(size).as("bounded work for the call at a tick").isEqualTo(1 + 10_000 - 1_024);
    for (; size > 50; size -= 16) {
      table.recordFailure("other-0");
      assertThat(table.size()).as("bounded work for any other").isBetween(size - 16, size);
    }
    IndexAssertions.assertIndexed(table);
  }

  @Test
  void cleanUp_allIdle_leavesMapAndIndexEmpty() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    for (int i = 0; i < 50_000; i++) {
      String peer = "peer-" + i;
      for (int failures = i % 5; failures >= 0; failures--) {
        table.recordFailure(peer);
      }
      if (i % 3 == 0) {
        table.recordSuccess(peer);
      } else if (i % 7 == 0) {
        table.recordRemoteAdvisory(peer, Duration.ofSeconds(i % 60));
      }
    }
    assertThat(table.size()).isEqualTo(33_333);

    clock.advance(Duration.ofSeconds(65));
    table.cleanUp();

    assertThat(table.isEmpty()).isTrue();
    assertThat(table.snapshot()).isEmpty();
    assertThat(IndexAssertions.mapped(table)).isEmpty();
    assertThat(table.index.peers()).isEmpty();
  }

  @Test
  void recordRemoteAdvisory_ofAnotherPeer_evictsTheIdleOnes() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordRemoteAdvisory("a", Duration.ofSeconds(1));

    clock.advance(TICK.multipliedBy(16));
    table.recordRemoteAdvisory("b", Duration.ofSeconds(1));

    assertThat(table.snapshot()).containsOnlyKeys("b");
  }

  /** A thread has put the peer into the map and not yet reached the index. */
  @Test
  void cleanUp_idlePeerThatTheIndexDoesNotKnowYet_isEvicted() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.map.update("a", (peer, held) -> new BackoffState(1, 0, clock.getAsLong()));

    clock.advance(Duration.ofSeconds(5));
    table.cleanUp();

    assertThat(table.isEmpty()).isTrue();
  }

  /** 17 peers: a cohort of 16 and one that is not full. */
  @Test
  void cleanUp_peersOfOneCohort_leaveOneByOne() {
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofSeconds(5))
        .nanoTime(clock)
        .build();
    for (int peer = 0; peer < 17; peer++) {
      table.recordRemoteAdvisory(peer, Duration.ofSeconds(peer));
    }

    clock.advance(Duration.ofSeconds(5));
    for (int left = 16; left >= 0; left--) {
      table.cleanUp();
      assertThat(table.size()).isEqualTo(left);
      IndexAssertions.assertIndexed(table);
      clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void cleanUp_failedAgainAfterASuccess_isEvictedWhenIdle() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordFailure("a");
    table.recordSuccess("a");
    table.recordFailure("a");
    assertThat(table.snapshot()).containsOnlyKeys("a");

    clock.advance(Duration.ofMillis(5_010));
    table.cleanUp();

    assertThat(table.snapshot()).isEmpty();
    assertThat(table.index.peers()).isEmpty();
  }

  @Test
  void cleanUp_recoveredPeers_leaveMapAndIndex() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordFailure("a");
    table.recordSuccess("a");
    assertThat(table.isEmpty()).isTrue();
    assertThat(IndexAssertions.mapped(table)).as("the marker of the recovery").hasSize(1);

    clock.advance(Duration.ofMillis(15_010).minusNanos(1)); // the timeout and the probe lease
    table.cleanUp();
    assertThat(IndexAssertions.mapped(table)).hasSize(1);
    assertThat(table.index.peers()).hasSize(1);

    clock.advance(Duration.ofNanos(1));
    table.cleanUp();
    assertThat(IndexAssertions.mapped(table)).isEmpty();
    assertThat(table.index.peers()).isEmpty();
    assertThat(table.stats().idleEvictions()).as("nothing tracked was evicted").isZero();
  }

  @Test
  void recordFailure_ofAnotherPeer_reclaimsRecoveredPeers() {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    for (int i = 0; i < 200_000; i++) {
      table.recordFailure(i);
      table.recordSuccess(i);
    }
    assertThat(table.size()).isZero();

    clock.advance(Duration.ofMinutes(5));
    for (int i = 0; i < 1_000; i++) { // queries and healthy successes reclaim nothing
      assertThat(table.shouldRetry(i)).isTrue();
      assertThat(table.tryAcquire(i).orElseThrow().recordSuccess()).isTrue();
    }
    assertThat(table.map.mappings()).as("kept, up to maximumPeers").isEqualTo(200_000);

    int calls = 0;
    for (; table.map.mappings() > 1; calls++) {
      clock.advance(Duration.ofMillis(100));
      table.recordFailure(-1);
    }
    assertThat(calls).isLessThanOrEqualTo(200_000 / 16);
    assertThat(table.index.peers()).hasSize(1);
  }

  @Test
  void recordFailure_onePeerThatFlaps_isOneEntry() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    for (int i = 0; i < 100_000; i++) {
      table.recordFailure("a");
      table.recordSuccess("a");
    }

    assertThat(table.index.peers()).containsExactly("a");
    assertThat(table.map.mappings()).isEqualTo(1);
    assertThat(table.map.recovered()).isEqualTo(1);
  }

  @Test
  void recordFailure_afterAnIdleTime_startsAtOneAttempt() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofMinutes(2));
    for (int i = 0; i < 14; i++) {
      table.recordFailure("a");
    }

    clock.advance(Duration.ofSeconds(60).plusMinutes(2).minusNanos(1));
    assertThat(table.recordFailure("a").attempts()).as("not yet idle").isEqualTo(15);
    clock.advance(Duration.ofSeconds(60).plusMinutes(2));
    assertThat(table.recordFailure("a").attempts()).isEqualTo(1);
    clock.advance(Duration.ofDays(1));
    assertThat(table.recordRemoteAdvisory("a", Duration.ofSeconds(1)).attempts())
        .isEqualTo(1);
    IndexAssertions.assertIndexed(table);
  }

  /** The clock leaps a year ahead, for one or several calls, and back. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50})
  void recordFailure_clockThatLeaps_keepsCoolingPeersAndLosesNothing(int callsAhead) {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    clock.set(ThreadLocalRandom.current().nextLong(Long.MIN_VALUE, Long.MAX_VALUE >> 2));
    for (int i = 0; i < 100; i++) {
      table.recordRemoteAdvisory(i, Duration.ofSeconds(50));
    }
    long before = clock.getAsLong();

    clock.advance(Duration.ofDays(365));
    for (int i = 0; i < callsAhead; i++) {
      table.recordFailure(-1 - i);
    }
    clock.set(before);
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofSeconds(2));
      table.recordFailure(1_000 + i);
    }
    IndexAssertions.assertIndexed(table);
    assertThat(table.state(1_000)).isPresent();

    clock.set(before);
    clock.advance(Duration.ofDays(366));
    table.cleanUp();
    assertThat(table.map.mappings() + table.index.peers().size()).isZero();
  }

  @Test
  void cleanUp_idleTimeoutOfOneNanosecond_keepsTheMarkerForTheLease() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofNanos(1));
    Permit early = table.tryAcquire("a").orElseThrow();
    table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));
    assertThat(table.tryAcquire("a").orElseThrow().recordSuccess()).isTrue();

    clock.advance(Duration.ofSeconds(10));
    table.cleanUp();
    assertThat(early.recordFailure()).as("it began before the recovery").isFalse();
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void recordFailure_idleTimeoutOfNever_neverRestarts() {
    ConcurrentBackoffTable<String> table =
        table(Duration.ofSeconds(60), Duration.ofNanos(Long.MAX_VALUE));
    table.recordFailure("a", Long.MIN_VALUE);
    table.recordFailure("b", -5);

    assertThat(table.recordFailure("a", Long.MAX_VALUE - 1).attempts()).isEqualTo(2);
    assertThat(table.recordFailure("b", Long.MAX_VALUE - 1).attempts()).isEqualTo(2);
    table.cleanUp(Long.MAX_VALUE);
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void cleanUp_idleTimeoutOfNever_reclaimsRecoveredPeers() {
    ConcurrentBackoffTable<String> table =
        table(Duration.ofSeconds(60), Duration.ofNanos(Long.MAX_VALUE));
    table.recordFailure("a");
    table.recordSuccess("a");
    table.recordFailure("b");

    for (int i = 0; i < 200; i++) {
      clock.advance(Duration.ofSeconds(2));
      table.recordFailure("b");
    }

    assertThat(IndexAssertions.mapped(table)).containsExactly("b");
  }

  @Test
  void cleanUp_restoredPeer_isEvictedWhenIdle() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    long now = clock.getAsLong();
    table.restoreState(
        "later", new BackoffState(3, now, now + Duration.ofDays(3).toNanos()));
    table.restoreState(
        "long ago", new BackoffState(6, now, now - Duration.ofDays(3).toNanos()));
    assertThat(table.snapshot()).as("stored as it is").containsOnlyKeys("later", "long ago");

    table.cleanUp();
    assertThat(table.snapshot()).containsOnlyKeys("later");

    clock.advance(Duration.ofDays(3).plusSeconds(5).minusNanos(1));
    table.cleanUp();
    assertThat(table.snapshot()).containsOnlyKeys("later");

    clock.advance(Duration.ofNanos(1));
    table.cleanUp();
    assertThat(table.index.peers().size() + table.size()).isZero();
  }

  @Test
  void restoreState_again_keepsTheEntry() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.restoreState("a", new BackoffState(3, clock.getAsLong(), clock.getAsLong() + 5));
    table.restoreState("a", new BackoffState(4, clock.getAsLong(), clock.getAsLong() + 7));

    assertThat(table.index.peers()).containsExactly("a");
  }

  @Test
  void cleanUp_idleTimeoutOfNever_evictsNothing() {
    clock.set(1_000);
    ConcurrentBackoffTable<String> table =
        table(Duration.ofSeconds(60), Duration.ofNanos(Long.MAX_VALUE));
    table.restoreState("a", new BackoffState(1, Long.MIN_VALUE, Long.MIN_VALUE));

    table.cleanUp();
    table.cleanUp(Long.MAX_VALUE);

    assertThat(table.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 30})
  void restoreState_peersThatNeverFailedOrVeryOften_areBoundedToo(int attempts) {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().maximumPeers(10).nanoTime(clock).build();
    long now = clock.getAsLong();
    for (int i = 0; i < 1_000; i++) {
      table.restoreState(
          i, new BackoffState(attempts, now, now + Duration.ofHours(1).toNanos()));
      assertThat(table.size()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void cleanUp_clockThatRanBack_evictsNoCoolingPeer() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    long start = clock.getAsLong();
    table.recordFailure("ahead", start + Duration.ofDays(1).toNanos());
    table.recordFailure("a", start);

    table.cleanUp(start + 1);
    assertThat(table.snapshot()).containsOnlyKeys("ahead", "a");

    clock.advance(Duration.ofDays(1).plusMillis(5_010));
    table.cleanUp();
    assertThat(table.index.peers().size() + table.size()).isZero();
  }

  /** Compared with a model of what must still be tracked, whatever was evicted meanwhile. */
  @Tag("random")
  @RepeatedTest(50)
  void cleanUp_anyTimeouts_neverEvictsACoolingPeerAndKeepsNoIdleOne() {
    long seed = ThreadLocalRandom.current().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    Duration maxDelay = Duration.ofNanos(1L << random.nextInt(20, 45));
    Duration idleTimeout = Duration.ofNanos(1L << random.nextInt(45));
    ConcurrentBackoffTable<String> table = table(maxDelay, idleTimeout);
    Map<String, BackoffState> latest = new HashMap<>();
    List<String> early = new ArrayList<>();

    for (int step = 0; step < 2_000; step++) {
      String peer = "peer-" + random.nextInt(50);
      switch (random.nextInt(6)) {
        case 0, 1 -> latest.put(peer, table.recordFailure(peer));
        case 2 -> latest.put(peer, table.recordRemoteAdvisory(peer, maxDelay.dividedBy(2)));
        case 3 -> {
          table.recordSuccess(peer);
          latest.remove(peer);
        }
        case 4 -> clock.advance(Duration.ofNanos(1L << random.nextInt(42)));
        default -> table.cleanUp();
      }
      long now = clock.getAsLong();
      latest.forEach((p, state) -> {
        if (state.isCooling(now) && !table.state(p).equals(Optional.of(state))) {
          early.add(p + " " + state);
        }
      });
    }
    table.cleanUp();
    long now = clock.getAsLong();
    long idle = idleTimeout.toNanos();

    assertThat(early).as("evicted while cooling, seed %d", seed).isEmpty();
    assertThat(table.snapshot().values())
        .as("idle but kept, seed %d", seed)
        .allMatch(state -> Nanos.plus(state.nextRetryNanos(), idle) > now);
    IndexAssertions.assertIndexed(table);
  }

  /** The initial time of the index must not be later than a clock that starts below zero. */
  @Test
  void recordFailure_clockThatStartsJustBelowZero_evictsNothingEarly() {
    clock.set(-1_000_000_000);
    ConcurrentBackoffTable<String> table = table(Duration.ofMillis(900), Duration.ofNanos(1));
    table.recordRemoteAdvisory("a", Duration.ofMillis(900));

    table.cleanUp();

    assertThat(table.snapshot()).containsOnlyKeys("a");
  }

  @Test
  void recordFailure_ofAPermit_evictsTheIdleOnes() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordFailure("a");
    clock.advance(TICK.multipliedBy(16));

    assertThat(table.acquire("b").recordFailure()).isTrue();

    assertThat(table.snapshot()).containsOnlyKeys("b");
  }

  @Test
  void postponeAndRestoreState_ofAnotherPeer_evictTheIdleOnes() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(5));
    table.recordFailure("a");
    clock.advance(TICK.multipliedBy(16));
    table.postpone("b", Duration.ofSeconds(1));
    assertThat(table.snapshot()).containsOnlyKeys("b");

    clock.advance(TICK.multipliedBy(16));
    table.restoreState("c", new BackoffState(1, 0, clock.getAsLong()));
    assertThat(table.snapshot()).containsOnlyKeys("c");
  }

  /** A cohort that is not full is written when it is an eighth of the idle timeout old. */
  @Test
  void recordFailure_fewPeers_areReviewedInTime() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofSeconds(80));
    table.recordFailure("busy");
    table.recordFailure("idle");
    int second = 0;
    for (; second < 200 && table.size() == 2; second++) {
      clock.advance(Duration.ofSeconds(1));
      table.recordFailure("busy");
    }

    assertThat(second).as("80 s, 10 s until it is written, 90 s in the cache").isBetween(81, 103);
  }

  /** A clock that is stepped back by less than a tick, as by NTP. */
  @Test
  void cleanUp_clockSteppedBackALittle_evictsNoCoolingPeer() {
    ConcurrentBackoffTable<String> table = table(Duration.ofSeconds(60), Duration.ofNanos(1));
    table.recordFailure("another");
    clock.advance(Duration.ofSeconds(-1));
    table.recordRemoteAdvisory("a", Duration.ofMillis(900));

    table.cleanUp();
    clock.advance(Duration.ofNanos(5));
    table.recordFailure("b");

    assertThat(table.snapshot()).containsKey("a");
    clock.advance(Duration.ofSeconds(11));
    table.cleanUp();
    assertThat(table.map.mappings()).isZero();
  }
}
