package io.github.bytesandbrains.backoff.demo.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node that adopts holds, rightly and wrongly. */
class NodeTest {
  private static final Duration DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_ADOPTED = Duration.ofSeconds(3);

  /** The delay, a tenth of it, 200 ms and the tolerance. */
  private static final Duration HEARD = Duration.ofMillis(1_400);

  private static final Peer PEER =
      new Peer(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000));

  private final FakeClock clock = new FakeClock();
  private final HoldAudit audit = new HoldAudit(MAX_ADOPTED);
  private final Node failing = node(0);
  private final Node adopting = node(1);

  @Test
  void watch_holdUntilTheRetryWasHeardOf_noFault() {
    failing.table().recordFailure(PEER);
    adopting.table().postpone(PEER, HEARD);
    watch();
    assertThat(audit.checked()).isEqualTo(1);
    assertThat(audit.firstFault()).isEmpty();
    assertThat(adopted(adopting)).containsExactly(true);
    assertThat(adopted(failing)).containsExactly(false);
  }

  @Test
  void watch_holdLongerThanTheDelayOfTheFailingNode_fault() {
    failing.table().recordFailure(PEER);
    adopting.table().postpone(PEER, HEARD.plusMillis(1));
    watch();
    assertThat(audit.firstFault()).contains(fault("PT1.401S", "PT1.4S"));
  }

  @Test
  void watch_ownFailureProlonged_adopted() {
    adopting.table().recordFailure(PEER);
    clock.advance(DELAY.dividedBy(2));
    failing.table().recordFailure(PEER);
    assertThat(adopted(adopting)).containsExactly(false);
    adopting.table().postpone(PEER, DELAY);
    watch();
    assertThat(adopted(adopting)).containsExactly(true);
    assertThat(audit.checked()).isEqualTo(1);
    assertThat(audit.firstFault()).isEmpty();
  }

  @Test
  void watch_peerThatNobodyFoundFailing_fault() {
    adopting.table().postpone(PEER, DELAY);
    watch();
    assertThat(audit.firstFault())
        .contains("node 1 leaves " + PEER + " alone, which nobody found failing");
  }

  @Test
  void watch_holdLongerThanMaxAdopted_fault() {
    for (int i = 0; i < 3; i++) {
      failing.table().recordFailure(PEER); // the last delay is 4 s
    }
    clock.advance(DELAY);
    adopting.table().postpone(PEER, MAX_ADOPTED.minus(DELAY).plusMillis(101));
    watch();
    assertThat(audit.firstFault()).contains(fault("PT3.101S", "PT3.1S"));
  }

  @Test
  void watch_probe_isNoHold() {
    failing.table().recordFailure(PEER);
    clock.advance(DELAY);
    assertThat(failing.table().tryAcquire(PEER)).isPresent();
    watch();
    assertThat(adopted(failing)).containsExactly(false);
    assertThat(audit.checked()).isZero();
  }

  @Test
  void watch_cooling_deniedInTheOutage() {
    Episode episode = new Episode(2, List.of(PEER));
    failing.table().recordFailure(PEER);
    failing.watch(List.of(PEER), episode);
    adopting.watch(List.of(PEER), episode);
    episode.died();
    failing.watch(List.of(PEER), episode);
    assertThat(episode.lastKnew()).isEmpty();
    adopting.table().postpone(PEER, DELAY);
    adopting.watch(List.of(PEER), episode);
    assertThat(episode.lastKnew()).isPresent();
  }

  private Node node(int number) {
    ConcurrentBackoffTable<Peer> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(DELAY, DELAY.multipliedBy(4)))
        .nanoTime(clock)
        .build();
    return new Node(number, table, audit);
  }

  private static String fault(String held, String longest) {
    return "node 1 leaves " + PEER + " alone until " + held
        + " after a node failed (expected: up to " + longest + ")";
  }

  /** Twice, because a hold counts once it was seen before. */
  private void watch() {
    for (int i = 0; i < 2; i++) {
      failing.watch(List.of(PEER), null);
      adopting.watch(List.of(PEER), null);
    }
  }

  private static List<Boolean> adopted(Node node) {
    return node.holdings().stream().map(Node.Holding::adopted).toList();
  }
}
