package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Invariant 4, in the small: who goes when there is one place for two, or a few for many. With one
 * place each that enters the index drives the other out, so that their returns can be counted.
 */
final class SizeEvictionTest {
  private static final Duration TICK = Duration.ofNanos(1L << 30);

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Peer> table = table(1);

  /** Counts how often the table looks it up. */
  private static final class Peer {
    private int uses;

    @Override
    public int hashCode() {
      uses++;
      return 1;
    }
  }

  private final Peer a = new Peer();
  private final Peer b = new Peer();
  private final Peer c = new Peer();

  private <P> ConcurrentBackoffTable<P> table(long maximumPeers) {
    return ConcurrentBackoffTable.builder()
        .maximumPeers(maximumPeers)
        .idleTimeout(Duration.ofMinutes(5))
        .nanoTime(clock)
        .build();
  }

  private void restore(Peer peer, int attempts) {
    table.restoreState(peer, new BackoffState(attempts, 0, clock.getAsLong() + 1_000));
  }

  /** Lets them enter by turns until all but one are evicted. */
  private void contend() {
    table.cleanUp();
    assertThat(table.size()).isEqualTo(1);
  }

  /** How often the peer, which is in the index, leaves it in a contest. */
  private int leaves(Peer peer, Runnable contest) {
    int before = peer.uses;
    contest.run();
    return peer.uses - before;
  }

  @Test
  void recordFailure_onePeerTooMany_evictsOneAndCountsIt() {
    table.recordFailure(a);
    assertThat(table.stats().sizeEvictions()).isZero();

    table.recordFailure(b);

    assertThat(table.snapshot()).containsOnlyKeys(b);
    assertThat(table.index.peers()).containsExactly(b);
    assertThat(table.stats().sizeEvictions()).isEqualTo(1);
    assertThat(table.stats().idleEvictions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "10, 10", "31, 31", "32, 32", "33, 32", "2147483647, 32"})
  void cleanUp_twoPeersForOnePlace_firstGoesWhenItHasEnteredOncePerAttempt(
      int attempts, int entered) {
    restore(a, attempts);

    assertThat(leaves(a, () -> {
          restore(b, attempts);
          contend();
        }))
        .isEqualTo(entered);
    assertThat(table.snapshot()).containsOnlyKeys(b);
    assertThat(table.stats().sizeEvictions()).isEqualTo(1);
  }

  @Test
  void cleanUp_entryThatExpiredInBetween_isNotAReturn() {
    restore(a, 9);
    clock.advance(Duration.ofMinutes(4));
    table.recordFailure(a);
    clock.advance(Duration.ofMinutes(2));
    assertThat(leaves(a, table::cleanUp)).as("expired, not idle").isEqualTo(1);

    assertThat(leaves(a, () -> {
          restore(b, 10);
          contend();
        }))
        .isEqualTo(10);
  }

  @Test
  void recordFailure_peerThatHasReturned_doesNotReturnAnew() {
    restore(a, 10);
    restore(b, 10);
    contend(); // b has entered ten times

    clock.advance(TICK);
    table.recordFailure(b);

    assertThat(leaves(b, () -> {
          restore(c, 11);
          contend();
        }))
        .as("it returned once more")
        .isEqualTo(2);
    assertThat(table.snapshot()).containsOnlyKeys(c);
  }

  /** Its entry says ten: more than it has failed since. */
  @Test
  void recordSuccess_peerThatHasReturned_returnsAnewAndThenGoes() {
    restore(a, 10);
    restore(b, 10);
    contend(); // b has entered ten times

    table.recordSuccess(b);
    for (int i = 0; i < 3; i++) {
      table.recordFailure(b);
    }
    restore(c, 3);
    contend();
    assertThat(table.snapshot()).as("b returned once more than c").containsOnlyKeys(b);

    restore(a, 3);
    contend();
    assertThat(table.snapshot()).as("b has entered three times").containsOnlyKeys(a);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordSuccess_peerThatReturnsByTurns_drivesNobodyOut(boolean first) {
    restore(a, 32);
    restore(b, 32);
    assertThat(table.size()).isEqualTo(2);

    table.recordSuccess(first ? a : b);
    contend();

    assertThat(table.snapshot()).containsOnlyKeys(first ? b : a);
    assertThat(table.stats().sizeEvictions()).isZero();
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
