package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In which order peers leave a table that is full. */
final class ReviewOrderTest {
  private static final int COHORT_SIZE = 16;
  private static final int BOUND = COHORT_SIZE * 4096;

  private final FakeClock clock = new FakeClock();

  @Test
  void recordFailure_newPeersBeyondTheBound_evictTheWholeOldestCohortFirst() {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().maximumPeers(BOUND).nanoTime(clock).build();
    List<Integer> evicted = new ArrayList<>();
    table.addListener((peer, change, state) -> {
      if (change == Change.EVICTED) {
        evicted.add(peer);
      }
    });
    IntStream.range(0, BOUND + COHORT_SIZE).forEach(table::recordFailure);
    assertThat(evicted)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, COHORT_SIZE).boxed().toList());
  }

  /** Of the oldest cohort, room for one peer needs one review; the others must not be lost sight of. */
  @Test
  void recordFailure_restOfACohortUnderReviewForRoom_isEvictedWhenIdle() {
    ConcurrentBackoffTable<Integer> table =
        ConcurrentBackoffTable.builder().maximumPeers(BOUND).nanoTime(clock).build();
    IntStream.range(0, BOUND + 1).forEach(table::recordFailure);
    IntStream.range(100, BOUND + 1).forEach(table::recordSuccess);

    for (int second = 0; second < 600; second += 2) {
      clock.advance(Duration.ofSeconds(2));
      table.recordFailure(BOUND);
    }

    assertThat(table.snapshot()).containsOnlyKeys(BOUND);
    assertThat(IndexCheck.mapped(table)).containsExactly(BOUND);
  }
}
