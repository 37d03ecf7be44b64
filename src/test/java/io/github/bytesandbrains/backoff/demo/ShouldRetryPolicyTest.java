package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShouldRetryPolicyTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));

  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(() -> 1000).build();
  private final ShouldRetryPolicy policy = new ShouldRetryPolicy(table);

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "TIMED_OUT", "BROKEN"})
  void record_failed_aFailure(Outcome.Kind kind) {
    policy.record(PEER, new Outcome(kind, 0));
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, 1000 + millis(10)));
    assertThat(policy.admits(PEER, 1000)).isFalse();
    assertThat(policy.admits(PEER, 1000 + millis(10))).isTrue();
  }

  @Test
  void record_busy_itsAdvisory() {
    policy.record(PEER, Outcome.busy(321));
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, 1000 + millis(321)));
  }

  @Test
  void record_served_forgotten() {
    policy.record(PEER, Outcome.REFUSED);
    policy.record(PEER, Outcome.SERVED);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void admits_dueTwice_both() {
    table.recordFailure(PEER, 1000 - millis(10));
    assertThat(policy.admits(PEER, 1000)).isTrue();
    assertThat(policy.admits(PEER, 1000)).isTrue();
    assertThat(policy.probes()).isFalse();
  }

  @Test
  void remaining_cooling_theTables() {
    policy.record(PEER, Outcome.REFUSED);
    assertThat(policy.remaining(PEER, 1000 + millis(4))).isEqualTo(millis(6));
  }

  private static long millis(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
