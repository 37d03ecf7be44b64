package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another thread may do between two steps, done just then; and the count of tracked peers. */
final class PeerStatesTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<MeddlingPeer> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final MeddlingPeer peer = new MeddlingPeer();
  private BackoffState state = BackoffState.FORGOTTEN;

  @BeforeEach
  void makeAState() {
    state = new BackoffState(3, clock.getAsLong(), clock.getAsLong() + 1_000);
  }

  private void evictAllIdle() {
    clock.advance(Duration.ofHours(1));
    table.cleanUp();
  }

  @Test
  void restoreState_newOrForgottenOrTracked_countsThePeerOnce() {
    table.restoreState(peer, state);
    assertThat(table.size()).isEqualTo(1);
    table.restoreState(peer, state);
    assertThat(table.size()).isEqualTo(1);

    table.recordSuccess(peer);
    assertThat(table.size()).isZero();
    table.restoreState(peer, state);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void recordSuccess_forgottenJustBefore_saysItWasNotTracked() {
    table.recordFailure(peer);

    peer.meddleAfter(1, () -> assertThat(table.recordSuccess(peer)).isTrue());

    assertThat(table.recordSuccess(peer)).isFalse();
    assertThat(table.size()).isZero();
    assertThat(table.stats().successes()).isEqualTo(1);
  }

  @Test
  void recordSuccess_evictedJustBefore_saysItWasNotTracked() {
    table.recordFailure(peer);

    peer.meddleAfter(1, this::evictAllIdle);

    assertThat(table.recordSuccess(peer)).isFalse();
    assertThat(table.size()).isZero();
    assertThat(table.map).isEmpty();
  }

  @Test
  void recordFailure_newPeerIsTrackedJustBefore_entersTheIndexOnce() {
    peer.meddleAfter(1, () -> table.recordFailure(peer));

    assertThat(table.recordFailure(peer).attempts()).isEqualTo(2);
    IndexCheck.assertIndexed(table);
  }

  /** Another thread tracks the new peer first, forgets it, and it is evicted: all in between. */
  @Test
  void recordFailure_newPeerIsEvictedAsItEnters_isTrackedAllTheSame() {
    peer.meddleAfter(1, () -> {
      table.recordFailure(peer);
      table.recordSuccess(peer);
      evictAllIdle();
    });

    BackoffState recorded = table.recordFailure(peer);

    assertThat(recorded.attempts()).isEqualTo(1);
    assertThat(table.state(peer)).containsSame(recorded);
    IndexCheck.assertIndexed(table);
    assertThat(table.size()).isEqualTo(1);
  }
}
