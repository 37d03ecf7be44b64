package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TryAcquirePolicyTest {
  private static final Peer PEER = new Peer(0, Loopback.port(4000));
  private static final long DUE = 1000 + millis(10);

  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(() -> 1000).build();
  private final TryAcquirePolicy policy = new TryAcquirePolicy(table);
  private final TryAcquirePolicy colleague = new TryAcquirePolicy(table);

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "TIMED_OUT", "BROKEN"})
  void record_failed_aFailure(Outcome.Kind kind) {
    send(policy, new Outcome(kind, 0));
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, DUE));
    assertThat(policy.admits(PEER, DUE - 1)).isFalse();
    assertThat(policy.remaining(PEER, DUE - 1)).isEqualTo(1);
    assertThat(policy.admits(PEER, DUE)).isTrue();
  }

  @Test
  void record_busy_itsAdvisory() {
    send(policy, Outcome.busy(321));
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, 1000 + millis(321)));
  }

  @Test
  void record_servedProbe_forgotten() {
    table.recordFailure(PEER, 1000);
    assertThat(policy.admits(PEER, DUE)).isTrue();
    policy.record(PEER, Outcome.SERVED);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void record_bothInFlightFail_oneAttempt() {
    policy.admits(PEER, 0);
    colleague.admits(PEER, 0);
    policy.record(PEER, Outcome.REFUSED);
    colleague.record(PEER, Outcome.REFUSED);
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, DUE));
    assertThat(table.stats().staleOutcomes()).isEqualTo(1);
  }

  @Test
  void record_notAdmitted_exception() {
    assertThatThrownBy(() -> policy.record(PEER, Outcome.SERVED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("peer 0");
  }

  @Test
  void admits_dueTwice_theProbeAlone() {
    table.recordFailure(PEER, 1000);
    assertThat(policy.probes()).isTrue();
    assertThat(policy.admits(PEER, DUE)).isTrue();
    assertThat(colleague.admits(PEER, DUE)).isFalse();
  }

  @Test
  void close_probeUnderWay_anotherIsAdmitted() {
    table.recordFailure(PEER, 1000);
    policy.admits(PEER, DUE);
    policy.close();
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, DUE));
    assertThat(colleague.admits(PEER, DUE)).isTrue();
  }

  @Test
  void record_clockThrows_probeIsReleased() {
    AtomicBoolean broken = new AtomicBoolean();
    ConcurrentBackoffTable<Peer> faulty = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          if (broken.get()) {
            throw new IllegalStateException("no time");
          }
          return 1000;
        })
        .build();
    faulty.recordFailure(PEER, 1000);
    TryAcquirePolicy held = new TryAcquirePolicy(faulty);
    assertThat(held.admits(PEER, DUE)).isTrue();
    broken.set(true);
    assertThatThrownBy(() -> held.record(PEER, Outcome.REFUSED)).hasMessage("no time");
    assertThat(new TryAcquirePolicy(faulty).admits(PEER, DUE)).isTrue();
  }

  @Test
  void close_outcomeRecorded_nothingMore() {
    send(policy, Outcome.REFUSED);
    policy.close();
    assertThat(table.state(PEER)).contains(new BackoffState(1, 1000, DUE));
    assertThat(table.stats().staleOutcomes()).isZero();
  }

  private void send(Policy by, Outcome outcome) {
    assertThat(by.admits(PEER, 0)).isTrue();
    by.record(PEER, outcome);
  }

  private static long millis(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
