package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.Permit;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Twenty nodes that send to one peer, for minutes of their time, on a log in memory. */
final class FleetTest {
  private static final RedisClient CLIENT = RedisClient.create("redis://localhost:1");
  private static final Duration TICK = Duration.ofMillis(25);
  private static final int NODES = 20;

  private final FakeLog log = new FakeLog();
  private final List<Node> nodes = new ArrayList<>();
  private long ticks;

  private final class Node {
    final FakeClock clock = new FakeClock();
    final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMillis(10), Duration.ofSeconds(60))
            .withJitter(Jitter.equal()))
        .nanoTime(clock)
        .build();
    final Sharer<String> sharer;
    int failures;
    int successes;
    long wellSince = -1;

    Node(boolean shares) {
      sharer = new Sharer<>(
          RedisSharing.builder(table, CLIENT, p -> p, p -> p), log, new Counts(), () -> {});
      if (shares) {
        table.addListener(sharer);
      }
    }

    void send(boolean reachable) {
      Permit permit = table.tryAcquire("p").orElse(null);
      if (permit == null) {
        wellSince = -1;
      } else if (reachable) {
        permit.recordSuccess();
        successes++;
        wellSince = wellSince < 0 ? ticks : wellSince;
      } else {
        permit.recordFailure();
        failures++;
      }
    }
  }

  private FleetTest start(boolean shares) {
    for (int i = 0; i < NODES; i++) {
      nodes.add(new Node(shares));
    }
    return this;
  }

  /** Every node sends once a tick, which is when the log is read and written, too. */
  private FleetTest run(Duration time, IntPredicate reachable) {
    for (long end = ticks + time.dividedBy(TICK); ticks < end; ticks++) {
      for (int i = 0; i < NODES; i++) {
        nodes.get(i).send(reachable.test(i));
      }
      nodes.forEach(node -> node.sharer.publish());
      nodes.forEach(node -> node.sharer.read());
      log.millis += TICK.toMillis();
      nodes.forEach(node -> node.clock.advance(TICK));
    }
    return this;
  }

  private int failures() {
    return nodes.stream().mapToInt(node -> node.failures).sum();
  }

  private Duration slowestRecovery(long sinceTicks) {
    long latest = nodes.stream().mapToLong(node -> node.wellSince).max().orElseThrow();
    assertThat(nodes).allMatch(node -> node.wellSince >= 0);
    return TICK.multipliedBy(latest - sinceTicks);
  }

  @AfterAll
  static void shutDown() {
    CLIENT.shutdown();
  }

  /** All nodes lose the peer for a minute; alone, the last one finds out up to a minute later. */
  @Test
  void share_outageOfAMinute_sendsLessAndRecoversSooner() {
    Duration outage = Duration.ofMinutes(1);
    FleetTest alone = new FleetTest().start(false).run(outage, i -> false);
    FleetTest sharing = new FleetTest().start(true).run(outage, i -> false);

    assertThat(sharing.failures()).isLessThan(alone.failures() * 9 / 10);
    long since = sharing.ticks;
    sharing.run(outage, i -> true);
    assertThat(sharing.slowestRecovery(since)).isLessThan(Duration.ofSeconds(30));
  }

  /** What half of the fleet cannot reach is held for a little while now and then. */
  @Test
  void share_halfOfTheNodesAreCutOffFromAPeer_theOthersKeepSending() {
    start(true).run(Duration.ofMinutes(10), i -> i >= NODES / 2);

    assertThat(nodes.subList(NODES / 2, NODES))
        .allSatisfy(node -> assertThat(node.successes).isGreaterThan((int) (ticks * 8 / 10)));
    assertThat(nodes.subList(0, NODES / 2))
        .allSatisfy(node -> assertThat(node.failures).isLessThan(100));
  }

  @Test
  void share_oneNodeIsCutOffFromAPeer_theOthersAreNeverHeld() {
    start(true).run(Duration.ofMinutes(2), i -> i > 0);

    assertThat(nodes.subList(1, NODES))
        .allSatisfy(node -> assertThat(node.successes).isEqualTo((int) ticks));
  }
}
