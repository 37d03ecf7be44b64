package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which peers leave when there are more than {@code maximumPeers}. */
final class SizeEvictionTest {
  private static final int COHORT_SIZE = 16;

  /** The smallest bound at which a cohort has its full size. */
  private static final int LARGE_BOUND = COHORT_SIZE * 4096;

  private final FakeClock clock = new FakeClock();

  private ConcurrentBackoffTable<String> table(long maximumPeers) {
    return ConcurrentBackoffTable.builder()
        .maximumPeers(maximumPeers)
        .idleTimeout(Duration.ofMinutes(5))
        .nanoTime(clock)
        .build();
  }

  private static void fail(ConcurrentBackoffTable<String> table, String peer, int times) {
    for (int i = 0; i < times; i++) {
      table.recordFailure(peer);
    }
  }

  private static long kept(ConcurrentBackoffTable<String> table, String prefix) {
    return table.snapshot().keySet().stream()
        .filter(peer -> peer.startsWith(prefix))
        .count();
  }

  @Test
  void recordFailure_onePeerTooMany_evictsTheOlderOfEquals() {
    ConcurrentBackoffTable<String> table = table(1);
    table.recordFailure("a");
    assertThat(table.stats().sizeEvictions()).isZero();

    table.recordFailure("b");

    assertThat(table.snapshot()).containsOnlyKeys("b");
    assertThat(table.index.peers()).containsExactly("b");
    assertThat(table.stats().sizeEvictions()).isEqualTo(1);
    assertThat(table.stats().idleEvictions()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 100, 5_000})
  void recordFailure_anyBound_holdsAfterEachCall(int maximumPeers) {
    ConcurrentBackoffTable<String> table = table(maximumPeers);
    for (int i = 0; i < 3 * maximumPeers + 1_000; i++) {
      table.recordFailure("peer-" + i);
      if (i % 5 == 0) {
        table.recordSuccess("peer-" + (i - 1));
      }
      assertThat(table.map.mappings()).isLessThanOrEqualTo(maximumPeers);
    }

    IndexAssertions.assertIndexed(table);
    assertThat(table.map.recovered()).isBetween(0L, (long) maximumPeers);
    BackoffStats stats = table.stats();
    assertThat(stats.sizeEvictions())
        .isEqualTo(stats.failures() - stats.successes() - table.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10})
  void recordFailure_smallBound_keepsThePeerThatFailsOften(int maximumPeers) {
    ConcurrentBackoffTable<String> table = table(maximumPeers);
    fail(table, "failing", 20);

    for (int i = 0; i < 1_000; i++) {
      table.recordFailure("made-up-" + i);
    }

    assertThat(table.state("failing").orElseThrow().attempts()).isEqualTo(20);
  }

  @Test
  void recordFailure_smallFlood_keepsPeersThatFailedOften() {
    ConcurrentBackoffTable<String> table = table(1_000);
    IntStream.range(0, 50).forEach(peer -> fail(table, "failing-" + peer, 20));

    for (int i = 0; i < 20_000; i++) {
      table.recordFailure("made-up-" + i);
    }

    assertThat(kept(table, "failing")).isEqualTo(50);
    assertThat(table.size()).isLessThanOrEqualTo(1_000);
  }

  @Test
  void recordFailure_beyondTheBound_evictsRecoveredPeersFirst() {
    ConcurrentBackoffTable<String> table = table(1_000);
    for (int i = 0; i < 1_000; i++) {
      fail(table, "recovered-" + i, 20);
      table.recordSuccess("recovered-" + i);
    }

    for (int i = 0; i < 500; i++) {
      table.recordFailure("failing-" + i);
    }

    assertThat(kept(table, "failing")).isEqualTo(500);
    assertThat(table.stats().sizeEvictions()).as("of tracked peers").isZero();
    assertThat(table.map.mappings()).isEqualTo(1_000);
  }

  @Test
  void recordFailure_beyondTheBound_evictsIdlePeersAndCountsThemAsIdle() {
    ConcurrentBackoffTable<String> table = table(1_000);
    IntStream.range(0, 1_000).forEach(peer -> fail(table, "idle-" + peer, 20));
    clock.advance(Duration.ofMinutes(6));

    for (int i = 0; i < 500; i++) {
      table.recordFailure("failing-" + i);
    }

    assertThat(kept(table, "failing")).isEqualTo(500);
    assertThat(table.stats().sizeEvictions()).isZero();
    assertThat(table.stats().idleEvictions()).isGreaterThanOrEqualTo(500);
  }

  @Test
  void recordFailure_newPeersBeyondALargeBound_evictTheOldestCohortFirst() {
    ConcurrentBackoffTable<String> table = table(LARGE_BOUND);
    List<String> evicted = new ArrayList<>();
    table.addListener((peer, change, state) -> {
      if (change == Change.EVICTED) {
        evicted.add(peer);
      }
    });

    IntStream.range(0, LARGE_BOUND + COHORT_SIZE).forEach(i -> table.recordFailure("peer-" + i));

    assertThat(evicted)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, COHORT_SIZE).mapToObj(i -> "peer-" + i).toList());
  }

  /** Making room for one peer reviews one peer; the rest of its cohort must stay in the index. */
  @Test
  void recordFailure_restOfACohortUnderReviewForRoom_isEvictedWhenIdle() {
    ConcurrentBackoffTable<String> table = table(LARGE_BOUND);
    String last = "peer-" + LARGE_BOUND;
    IntStream.rangeClosed(0, LARGE_BOUND).forEach(i -> table.recordFailure("peer-" + i));
    IntStream.rangeClosed(100, LARGE_BOUND).forEach(i -> table.recordSuccess("peer-" + i));

    for (int second = 0; second < 600; second += 2) {
      clock.advance(Duration.ofSeconds(2));
      table.recordFailure(last);
    }

    assertThat(table.snapshot()).containsOnlyKeys(last);
    assertThat(IndexAssertions.mapped(table)).containsExactly(last);
  }

  @Test
  void postpone_manyPeers_areBoundedToo() {
    ConcurrentBackoffTable<String> table = table(100);
    for (int i = 0; i < 1_000; i++) {
      table.postpone("peer-" + i, Duration.ofMinutes(1));
      assertThat(table.size()).isLessThanOrEqualTo(100);
    }
    IndexAssertions.assertIndexed(table);
  }

  /** A caller that records a known peer never makes room, however full the table is. */
  @Test
  void recordFailure_knownPeerBeyondTheBound_doesNotMakeRoom() {
    ConcurrentBackoffTable<String> table = table(1);
    table.recordFailure("a");
    for (int i = 0; i < 100; i++) {
      String peer = "b-" + i;
      table.map.update(peer, (p, held) -> new BackoffState(1, 0, clock.getAsLong()));
    }

    fail(table, "a", 5);

    assertThat(table.size()).isEqualTo(101);
    table.recordFailure("another");
    assertThat(table.size()).isEqualTo(1);
  }

  /** Peers queue while the thread that holds the lock is not scheduled. */
  @Test
  void recordFailure_wellBeyondTheBoundWithALongQueue_makesRoom() {
    ConcurrentBackoffTable<String> table = table(10_000);
    for (int i = 0; i < 10_000 + 10_000 / 128; i++) {
      table.map.update("queued-" + i, (p, held) -> new BackoffState(1, 0, clock.getAsLong()));
    }

    table.recordFailure("another");

    assertThat(table.map.mappings()).isEqualTo(10_000);
    IndexAssertions.assertIndexed(table);
  }

  /** A thread that has put a peer into the map may not have queued it for the index yet. */
  @Test
  void recordFailure_peersThatTheIndexDoesNotKnowYet_evictNoStrongPeer() {
    ConcurrentBackoffTable<String> table = table(10);
    fail(table, "failing", 20);
    for (int i = 0; i < 50; i++) {
      table.map.update("racing-" + i, (p, held) -> new BackoffState(1, 0, clock.getAsLong()));
    }
    table.map.newcomers.clear();

    for (int i = 0; i < 100; i++) {
      table.recordFailure("made-up-" + i);
    }

    assertThat(table.state("failing").orElseThrow().attempts()).isEqualTo(20);
  }
}
