package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Invariant 4, in the small: who goes when there is one place for two, or a few for many. With one
 * place each that enters the index drives the other out, so that their returns can be counted.
 */
final class SizeEvictionTest {
  private static final Duration TICK = Duration.ofNanos(1L << 30);

  /** How many enter the index in one call that records. */
  private static final int A_CALL = 16;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table = table(1);

  private ConcurrentBackoffTable<String> table(long maximumPeers) {
    return ConcurrentBackoffTable.builder()
        .maximumPeers(maximumPeers)
        .idleTimeout(Duration.ofMinutes(5))
        .nanoTime(clock)
        .build();
  }

  private void restore(String peer, int attempts) {
    table.restoreState(peer, new BackoffState(attempts, 0, clock.getAsLong() + 1_000));
  }

  /** Lets both enter by turns until the first is evicted; returns how often that one has entered. */
  private int entered() {
    int entered = A_CALL / 2;
    for (; table.size() > 1 && entered < 100; entered++) {
      table.cleanUp(); // before it and after it one enters
    }
    return entered;
  }

  @Test
  void recordFailure_onePeerTooMany_evictsOneAndCountsIt() {
    table.recordFailure("a");
    assertThat(table.stats().sizeEvictions()).isZero();

    table.recordFailure("b");

    assertThat(table.snapshot()).containsOnlyKeys("b");
    assertThat(table.index.contains("a")).isFalse();
    assertThat(table.stats().sizeEvictions()).isEqualTo(1);
    assertThat(table.stats().idleEvictions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"10, 10", "31, 31", "32, 32", "33, 32", "2147483647, 32"})
  void cleanUp_twoPeersForOnePlace_firstGoesWhenItHasEnteredOncePerAttempt(
      int attempts, int entered) {
    restore("a", attempts);
    restore("b", attempts);

    assertThat(entered()).isEqualTo(entered);
    assertThat(table.snapshot()).containsOnlyKeys("b");
    assertThat(table.stats().sizeEvictions()).isEqualTo(1);
  }

  @Test
  void cleanUp_entryThatExpiredInBetween_isNotAReturn() {
    restore("a", 9);
    clock.advance(Duration.ofMinutes(4));
    table.recordFailure("a");
    clock.advance(Duration.ofMinutes(2));
    table.cleanUp(); // the entry has expired, the peer is not idle
    assertThat(table.index.contains("a")).isTrue();

    restore("b", 10);

    assertThat(entered()).isEqualTo(10);
  }

  @Test
  void recordFailure_peerThatHasReturned_doesNotReturnAnew() {
    restore("a", 10);
    restore("b", 10);
    entered(); // b has entered ten times

    clock.advance(TICK);
    table.recordFailure("b");
    restore("c", 11);

    assertThat(table.snapshot()).as("b returned once more").containsOnlyKeys("c");
  }

  /** Its entry says ten: more than it has failed since. */
  @Test
  void recordSuccess_peerThatHasReturned_returnsAnewAndThenGoes() {
    restore("a", 10);
    restore("b", 10);
    entered(); // b has entered ten times

    table.recordSuccess("b");
    for (int i = 0; i < 3; i++) {
      table.recordFailure("b");
    }
    restore("c", 3);
    assertThat(table.snapshot()).as("b returned once more than c").containsOnlyKeys("b");

    restore("d", 3);
    assertThat(table.snapshot()).as("b has entered three times").containsOnlyKeys("d");
  }

  @Test
  void restoreState_peerThatHasReturned_returnsAnew() {
    restore("a", 10);
    restore("b", 10);
    entered(); // b has entered ten times

    restore("b", 10);
    restore("c", 10);

    assertThat(entered()).isEqualTo(10);
  }

  @Test
  void recordSuccess_peerThatWaitsToReturn_drivesNobodyOut() {
    restore("a", 32);
    restore("b", 32);
    String stays = table.index.contains("a") ? "a" : "b";

    table.recordSuccess(stays.equals("a") ? "b" : "a");
    for (int i = 0; i < 100; i++) {
      table.cleanUp();
    }

    assertThat(table.snapshot()).containsOnlyKeys(stays);
    assertThat(table.index.contains(stays)).isTrue();
  }

  @Test
  void recordFailure_smallFlood_keepsWhoFailedOftenBeforeIt() {
    ConcurrentBackoffTable<String> small = table(1_000);
    for (int i = 0; i < 20; i++) {
      IntStream.range(0, 50).forEach(peer -> small.recordFailure("failing-" + peer));
    }

    for (int i = 0; i < 20_000; i++) {
      small.recordFailure("made-up-" + i);
    }

    assertThat(small.snapshot().keySet().stream().filter(peer -> peer.startsWith("failing")))
        .hasSize(50);
    small.cleanUp();
    assertThat(small.size()).isLessThanOrEqualTo(1_000);
  }
}
