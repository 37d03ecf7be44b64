package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ConcurrentBackoffTableTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();

  private long millisFromNow(long millis) {
    return clock.getAsLong() + Duration.ofMillis(millis).toNanos();
  }

  @Test
  void create_firstFailures_followTheDefaultSchedule() {
    ConcurrentBackoffTable<String> created = ConcurrentBackoffTable.create();
    long start = System.nanoTime();

    assertThat(created.recordFailure("a", start).nextRetryNanos() - start).isEqualTo(10_000_000);
    assertThat(created.recordFailure("a", start).nextRetryNanos() - start).isEqualTo(20_000_000);
    for (int i = 0; i < 100; i++) {
      created.recordFailure("a", start);
    }
    assertThat(created.state("a"))
        .contains(new BackoffState(102, start, start + Duration.ofSeconds(60).toNanos()));
    assertThat(created.shouldRetry("a")).isFalse();
    assertThat(created.nanoTime()).isBetween(start, System.nanoTime());
  }

  @Test
  void recordFailure_unknownPeer_coolsForTheInitialDelay() {
    BackoffState state = table.recordFailure("a");

    assertThat(state).isEqualTo(new BackoffState(1, clock.getAsLong(), millisFromNow(10)));
    assertThat(table.state("a")).contains(state);
    assertThat(table.shouldRetry("a")).isFalse();
    assertThat(table.isEmpty()).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void shouldRetry_throughACooldown_isTrueFromTheNextRetryOn() {
    table.recordFailure("a");

    clock.advance(Duration.ofNanos(9_999_999));
    assertThat(table.shouldRetry("a")).isFalse();
    assertThat(table.shouldRetry("a", clock.getAsLong())).isFalse();
    assertThat(table.remaining("a")).isEqualTo(Duration.ofNanos(1));
    assertThat(table.remaining("a", clock.getAsLong())).isEqualTo(1);

    clock.advance(Duration.ofNanos(1));
    assertThat(table.shouldRetry("a")).isTrue();
    assertThat(table.shouldRetry("a", clock.getAsLong())).isTrue();
    assertThat(table.remaining("a")).isZero();
    assertThat(table.remaining("a", clock.getAsLong())).isZero();
    assertThat(table.size()).as("due, not forgotten").isEqualTo(1);
  }

  @Test
  void shouldRetry_anotherPeerCooling_answersForEachPeer() {
    table.recordFailure("a");
    table.recordFailure("b", millisFromNow(-15));

    assertThat(table.shouldRetry("a", clock.getAsLong())).isFalse();
    assertThat(table.shouldRetry("b", clock.getAsLong())).isTrue();
    assertThat(table.shouldRetry("c", clock.getAsLong())).isTrue();
    assertThat(table.remaining("c", clock.getAsLong())).isZero();
    assertThat(table.remaining("c")).isZero();
    assertThat(table.state("c")).isEmpty();
  }

  @Test
  void shouldRetry_unknownPeer_readsNoClock() {
    AtomicInteger reads = new AtomicInteger();
    ConcurrentBackoffTable<String> counted = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          reads.incrementAndGet();
          return clock.getAsLong();
        })
        .build();

    counted.recordFailure("a");
    assertThat(reads).hasValue(1);
    assertThat(counted.shouldRetry("b")).isTrue();
    assertThat(counted.remaining("b")).isZero();
    assertThat(counted.shouldRetry("a", clock.getAsLong())).isFalse();
    assertThat(counted.recordSuccess("b")).isFalse();
    assertThat(reads).hasValue(1);
    assertThat(counted.shouldRetry("a")).isFalse();
    assertThat(reads).hasValue(2);
  }

  @Test
  void shouldRetry_nothingCooling_doesNotEvenHashThePeer() {
    ConcurrentBackoffTable<Object> hashed =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    Object unhashed = new Object() {
      @Override
      public int hashCode() {
        throw new AssertionError("hashed");
      }
    };
    assertThat(hashed.shouldRetry(unhashed, Long.MIN_VALUE))
        .as("an empty table")
        .isTrue();

    hashed.restoreState("ever due", new BackoffState(1, 0, Long.MIN_VALUE));
    assertThat(hashed.shouldRetry(unhashed, Long.MIN_VALUE)).isTrue();

    hashed.recordFailure("a");
    assertThat(hashed.shouldRetry(unhashed, millisFromNow(10 + 9))).isTrue();
  }

  @Test
  void recordRemoteAdvisory_longerOrShorter_replacesTheScheduledDelay() {
    table.recordRemoteAdvisory("a", Duration.ofSeconds(7));
    assertThat(table.state("a"))
        .contains(new BackoffState(1, clock.getAsLong(), millisFromNow(7_000)));

    table.recordRemoteAdvisory("a", clock.getAsLong(), 1_000_000);
    assertThat(table.state("a")).contains(new BackoffState(2, clock.getAsLong(), millisFromNow(1)));

    table.recordRemoteAdvisory("a", Duration.ZERO);
    assertThat(table.shouldRetry("a")).isTrue();
  }

  @Test
  void recordRemoteAdvisory_longerThanTheMaximumDelay_isClamped() {
    table.recordRemoteAdvisory("a", Duration.ofHours(1));
    table.recordRemoteAdvisory("b", clock.getAsLong(), Long.MAX_VALUE);
    table.recordRemoteAdvisory("c", Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(60));
    assertThat(table.remaining("b")).isEqualTo(Duration.ofSeconds(60));
    assertThat(table.remaining("c")).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void recordRemoteAdvisory_maxAdvisorySet_isClampedToThat() {
    ConcurrentBackoffTable<String> patient = ConcurrentBackoffTable.builder()
        .maxAdvisory(Duration.ofHours(1))
        .nanoTime(clock)
        .build();

    patient.recordRemoteAdvisory("a", Duration.ofHours(1));
    assertThat(patient.stats().clampedAdvisories()).as("just not clamped").isZero();
    patient.recordRemoteAdvisory("b", Duration.ofHours(1).plusNanos(1));
    assertThat(patient.stats().clampedAdvisories()).isEqualTo(1);

    assertThat(patient.remaining("a")).isEqualTo(Duration.ofHours(1));
    assertThat(patient.remaining("b")).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void recordSuccess_trackedPeer_isForgotten() {
    table.recordFailure("a");
    table.recordFailure("a");

    assertThat(table.recordSuccess("a")).isTrue();
    assertThat(table.recordSuccess("a")).isFalse();
    assertThat(table.state("a")).isEmpty();
    assertThat(table.shouldRetry("a", clock.getAsLong())).isTrue();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.recordFailure("a").attempts()).isEqualTo(1);
  }

  @Test
  void restoreState_anyState_isStoredAsItIs() {
    BackoffState state = new BackoffState(17, millisFromNow(-5_000), millisFromNow(5_000));
    table.restoreState("a", state);

    assertThat(table.state("a")).contains(state);
    assertThat(table.shouldRetry("a", clock.getAsLong())).isFalse();
    assertThat(table.recordFailure("a").attempts()).isEqualTo(18);

    table.restoreState("a", new BackoffState(0, 0, Long.MIN_VALUE));
    assertThat(table.shouldRetry("a")).isTrue();
    assertThat(table.recordFailure("a").attempts()).isEqualTo(1);
  }

  @Test
  void restoreState_neverToBeRetried_coolsForever() {
    table.restoreState("a", new BackoffState(3, clock.getAsLong(), Long.MAX_VALUE));

    assertThat(table.shouldRetry("a", Long.MAX_VALUE - 1)).isFalse();
    assertThat(table.shouldRetry("b", Long.MAX_VALUE - 1)).isTrue();
    table.cleanUp(Long.MAX_VALUE);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void snapshot_someTracked_isAnUnmodifiableCopy() {
    table.recordFailure("a");
    table.recordFailure("b");
    Map<String, BackoffState> snapshot = table.snapshot();
    Map<String, BackoffState> seen = new HashMap<>();
    table.forEach(seen::put);
    table.recordSuccess("a");

    assertThat(snapshot).isEqualTo(seen).containsOnlyKeys("a", "b");
    assertThatThrownBy(snapshot::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void forEach_actionThatWrites_isAllowed() {
    for (int i = 0; i < 100; i++) {
      table.recordFailure("peer-" + i);
    }

    table.forEach((peer, state) -> {
      table.recordSuccess(peer);
      table.recordFailure("another " + peer, state.lastAttemptNanos());
    });

    assertThat(table.snapshot().keySet()).allMatch(peer -> peer.startsWith("another"));
  }

  @Test
  void toString_someTracked_showsSizeAndSchedule() {
    table.recordFailure("a");

    assertThat(table)
        .hasToString("ConcurrentBackoffTable[size=1, schedule=exponential(PT0.01S, PT1M)]");
  }

  static final List<Arguments> nullArguments = List.of(
      nullArgument("peer", t -> t.recordFailure(none())),
      nullArgument("peer", t -> t.recordFailure(none(), 0)),
      nullArgument("peer", t -> t.recordRemoteAdvisory(none(), Duration.ZERO)),
      nullArgument("peer", t -> t.recordRemoteAdvisory(none(), 0, 0)),
      nullArgument("minBackoff", t -> t.recordRemoteAdvisory("b", none())),
      nullArgument("peer", t -> t.recordSuccess(none())),
      nullArgument("peer", t -> t.restoreState(none(), new BackoffState(1, 0, 0))),
      nullArgument("state", t -> t.restoreState("b", none())),
      nullArgument("peer", t -> t.shouldRetry(none())),
      nullArgument("peer", t -> t.shouldRetry(none(), 0)),
      nullArgument("peer", t -> t.shouldRetry(none(), Long.MAX_VALUE)),
      nullArgument("peer", t -> t.remaining(none())),
      nullArgument("peer", t -> t.remaining(none(), 0)),
      nullArgument("peer", t -> t.state(none())),
      nullArgument("peer", t -> t.isProbing(none())),
      nullArgument("peer", t -> t.isProbing(none(), 0)),
      nullArgument("peer", t -> t.tryAcquire(none())),
      nullArgument("peer", t -> t.tryAcquire(none(), 0)),
      nullArgument("peer", t -> t.acquire(none())),
      nullArgument("peer", t -> t.postpone(none(), Duration.ZERO)),
      nullArgument("delay", t -> t.postpone("b", none())),
      nullArgument("peer", t -> t.expedite(none())),
      nullArgument("peer", t -> t.expedite(none(), 0)),
      nullArgument("spread", t -> t.expediteAll(none())),
      nullArgument("peer", t -> t.forget(none())),
      nullArgument("peer", t -> t.replaceState(none(), null, null)),
      nullArgument("peer", t -> t.replaceState(none(), null, new BackoffState(1, 0, 0))),
      nullArgument("listener", t -> t.addListener(none())),
      nullArgument("action", t -> t.forEach(none())));

  private static Arguments nullArgument(
      String name, Consumer<ConcurrentBackoffTable<String>> operation) {
    return Arguments.of(name, operation);
  }

  /** The null that a caller without a null checker may pass. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T none() {
    return null;
  }

  @ParameterizedTest
  @FieldSource("nullArguments")
  void operation_nullArgument_namesItAndChangesNothing(
      String name, Consumer<ConcurrentBackoffTable<String>> operation) {
    table.recordFailure("a");
    Map<String, BackoffState> before = table.snapshot();

    assertThatNullPointerException().isThrownBy(() -> operation.accept(table)).withMessage(name);

    assertThat(table.snapshot()).isEqualTo(before);
  }

  @Test
  void recordRemoteAdvisory_negative_countsAsZero() {
    assertThat(table.recordRemoteAdvisory("a", Duration.ofMillis(-5)))
        .isEqualTo(new BackoffState(1, clock.getAsLong(), clock.getAsLong()));
    long now = clock.getAsLong();
    assertThat(table.recordRemoteAdvisory("a", now + 7, -1))
        .isEqualTo(new BackoffState(2, now + 7, now + 7));
  }

  @Test
  void advisoryJitter_anyAdvisory_lengthensItWithinTheShareAndTheMaximum() {
    ConcurrentBackoffTable<Integer> jittered = ConcurrentBackoffTable.builder()
        .advisoryJitter(0.25)
        .maxAdvisory(Duration.ofSeconds(50))
        .nanoTime(clock)
        .build();

    Set<Duration> delays = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      jittered.recordRemoteAdvisory(i, Duration.ofSeconds(40));
      delays.add(jittered.remaining(i));
    }
    assertThat(delays)
        .hasSizeGreaterThan(500)
        .allSatisfy(
            delay -> assertThat(delay).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(50)));
    jittered.recordRemoteAdvisory(0, Duration.ofSeconds(49));
    assertThat(jittered.remaining(0)).isLessThanOrEqualTo(Duration.ofSeconds(50));
    assertThat(jittered.stats().clampedAdvisories()).as("within the bound").isZero();
  }

  @Test
  void options_asBuilt_areReadBack() {
    BackoffSchedule schedule =
        BackoffSchedule.exponential(Duration.ofMillis(1), Duration.ofHours(1));
    ConcurrentBackoffTable<String> built = ConcurrentBackoffTable.builder()
        .schedule(schedule)
        .maxAdvisory(Duration.ofDays(2))
        .advisoryJitter(0.1)
        .probeLease(Duration.ofSeconds(3))
        .idleTimeout(Duration.ofDays(1))
        .maximumPeers(77)
        .build();

    assertThat(built.schedule()).isSameAs(schedule);
    assertThat(built.maxDelay()).isEqualTo(Duration.ofHours(1));
    assertThat(built.maxAdvisory()).isEqualTo(Duration.ofDays(2));
    assertThat(built.advisoryJitter()).isEqualTo(0.1);
    assertThat(built.probeLease()).isEqualTo(Duration.ofSeconds(3));
    assertThat(built.idleTimeout()).isEqualTo(Duration.ofDays(1));
    assertThat(built.maximumPeers()).isEqualTo(77);
    ConcurrentBackoffTable<String> standard = ConcurrentBackoffTable.create();
    assertThat(standard.maxAdvisory()).isEqualTo(Duration.ofSeconds(60));
    assertThat(standard.advisoryJitter()).isZero();
    assertThat(ConcurrentBackoffTable.builder().advisoryJitter(1).build().advisoryJitter())
        .isOne();
    assertThat(ConcurrentBackoffTable.builder().advisoryJitter(0).build().advisoryJitter())
        .isZero();
    assertThat(standard.idleTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(standard.maximumPeers()).isEqualTo(1_000_000);
  }

  static Stream<Arguments> badOptions() {
    BackoffTableBuilder builder = ConcurrentBackoffTable.builder();
    return Stream.of(
        badOption(() -> builder.idleTimeout(Duration.ZERO), "idleTimeout: PT0S (expected: > 0)"),
        badOption(
            () -> builder.idleTimeout(Duration.ofSeconds(-2)),
            "idleTimeout: PT-2S (expected: > 0)"),
        badOption(() -> builder.maxAdvisory(Duration.ZERO), "maxAdvisory: PT0S (expected: > 0)"),
        badOption(() -> builder.probeLease(Duration.ZERO), "probeLease: PT0S (expected: > 0)"),
        badOption(
            () -> builder.advisoryJitter(-0.1), "advisoryJitter: -0.1 (expected: 0.0 to 1.0)"),
        badOption(
            () -> builder.advisoryJitter(1.01), "advisoryJitter: 1.01 (expected: 0.0 to 1.0)"),
        badOption(
            () -> builder.advisoryJitter(Double.NaN), "advisoryJitter: NaN (expected: 0.0 to 1.0)"),
        badOption(() -> builder.maximumPeers(0), "maximumPeers: 0 (expected: > 0)"),
        badOption(() -> builder.maximumPeers(-3), "maximumPeers: -3 (expected: > 0)"));
  }

  private static Arguments badOption(ThrowingCallable call, String message) {
    return Arguments.of(call, message);
  }

  @ParameterizedTest
  @MethodSource("badOptions")
  void builder_badOption_namesOptionValueAndExpectation(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }

  @Test
  void builder_nullOption_namesIt() {
    BackoffTableBuilder builder = ConcurrentBackoffTable.builder();

    assertThatNullPointerException()
        .isThrownBy(() -> builder.schedule(none()))
        .withMessage("schedule");
    assertThatNullPointerException()
        .isThrownBy(() -> builder.nanoTime(none()))
        .withMessage("nanoTime");
    assertThatNullPointerException()
        .isThrownBy(() -> builder.idleTimeout(none()))
        .withMessage("idleTimeout");
  }

  @Test
  void nanoTime_thatThrows_leavesTheTableUnchanged() {
    RuntimeException broken = new IllegalStateException("clock is broken");
    ConcurrentBackoffTable<String> clockless = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          throw broken;
        })
        .build();
    clockless.recordFailure("a", clock.getAsLong());
    Map<String, BackoffState> before = clockless.snapshot();

    assertThatThrownBy(() -> clockless.recordFailure("a")).isSameAs(broken);
    assertThatThrownBy(() -> clockless.recordFailure("b")).isSameAs(broken);
    assertThatThrownBy(() -> clockless.recordRemoteAdvisory("a", Duration.ZERO)).isSameAs(broken);
    assertThatThrownBy(() -> clockless.restoreState("b", new BackoffState(1, 0, 0)))
        .isSameAs(broken);
    assertThatThrownBy(() -> clockless.shouldRetry("a")).isSameAs(broken);
    assertThatThrownBy(() -> clockless.remaining("a")).isSameAs(broken);
    assertThatThrownBy(clockless::cleanUp).isSameAs(broken);

    assertThat(clockless.snapshot()).isEqualTo(before);
    assertThat(clockless.index.peers().size()).isEqualTo(1);
    assertThat(clockless.shouldRetry("b")).as("needs no clock").isTrue();
  }
}
