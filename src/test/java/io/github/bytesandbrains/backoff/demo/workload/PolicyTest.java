package io.github.bytesandbrains.backoff.demo.workload;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The two policies that have a table. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class PolicyTest {
  private static final Peer PEER = new Peer(0, new InetSocketAddress(4000));
  private static final long DELAY_NANOS = 10_000_000;

  private final FakeClock clock = new FakeClock();
  private final long start = clock.getAsLong();
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  @Parameter
  private boolean probing;

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "TIMED_OUT", "BROKEN"})
  void record_failed_aFailure(SendResult.Kind kind) {
    send(new SendResult(kind, Duration.ZERO));
    assertThat(table.state(PEER)).contains(new BackoffState(1, start, start + DELAY_NANOS));
    assertThat(admit(start + DELAY_NANOS - 1)).isNull();
    assertThat(policy().remaining(PEER, start + DELAY_NANOS - 1)).isEqualTo(1);
    assertThat(admit(start + DELAY_NANOS)).isNotNull();
  }

  @Test
  void record_busy_itsAdvisory() {
    send(SendResult.busy(Duration.ofMillis(321)));
    assertThat(table.state(PEER)).contains(new BackoffState(1, start, start + 321_000_000));
  }

  @Test
  void record_served_forgotten() {
    send(SendResult.REFUSED);
    clock.advance(Duration.ofNanos(DELAY_NANOS));
    send(SendResult.SERVED);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void record_bothInFlightFail_oneAttemptWithPermits() {
    List<Admission> sends = List.of(admitted(), admitted());
    sends.forEach(send -> send.record(SendResult.REFUSED));
    assertThat(table.state(PEER).orElseThrow().attempts()).isEqualTo(probing ? 1 : 2);
  }

  @Test
  void admit_dueTwice_oneProbeWithPermits() {
    table.recordFailure(PEER, start - DELAY_NANOS);
    Admission first = admitted();
    assertThat(admit(start) == null).isEqualTo(probing);
    first.close();
    assertThat(admit(start)).isNotNull();
  }

  private void send(SendResult result) {
    try (Admission admission = admitted()) {
      admission.record(result);
    }
  }

  private Admission admitted() {
    return requireNonNull(admit(clock.getAsLong()));
  }

  private @Nullable Admission admit(long nowNanos) {
    return policy().admit(PEER, nowNanos);
  }

  private Policy policy() {
    return probing ? new Policy.TryAcquire(table) : new Policy.ShouldRetry(table);
  }
}
