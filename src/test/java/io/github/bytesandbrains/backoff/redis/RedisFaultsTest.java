package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.redis.RedisNodes.Node;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.event.command.CommandListener;
import io.lettuce.core.event.command.CommandStartedEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong with Redis, the network and the other nodes. In every case a thread that records
 * and asks goes on as before, and no peer is held for longer than it may be.
 */
final class RedisFaultsTest {
  private static final String KEY = "backoff:{default}:log";
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir
  private Path dir;

  private final RedisNodes nodes = new RedisNodes();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private static void commands(String uri, Consumer<RedisCommands<String, String>> action) {
    RedisClient client = RedisClient.create(uri);
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      action.accept(connection.sync());
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private static void note(TestInfo test, Object figures) {
    if (Boolean.getBoolean("redis.figures")) {
      System.out.println(test.getTestMethod().orElseThrow().getName() + ": " + figures);
    }
  }

  private static Duration since(long nanos) {
    return Duration.ofMillis((System.nanoTime() - nanos) / 1_000_000);
  }

  /** Sharing works, as the third node shows; returns after how long it did. */
  private static Duration assertShared(String peer, List<Node> all) {
    long before = System.nanoTime();
    all.get(0).fail(peer);
    all.get(1).fail(peer);
    all.get(2).awaitHeld(peer);
    return since(before);
  }

  // The server

  @Test
  void redis_killedAndBackWithItsData_goesOn(TestInfo test) {
    try (RedisProcess redis =
        new RedisProcess(dir, "--appendonly", "yes", "--appendfsync", "always")) {
      List<Node> all = nodes.nodes(3, redis.uri());
      assertShared("before", all);
      try (Witness witness = new Witness(all.get(2).table)) {
        redis.kill();
        all.forEach(node -> node.awaitConnected(false));
        all.get(0).fail("during");
        all.get(1).fail("during");
        redis.restart();
        long back = System.nanoTime();
        all.get(2).awaitHeld("during");
        Duration heard = since(back);
        Duration shared = assertShared("after", all);
        witness.assertNeverWaited();
        note(test, "heard " + heard + " after the restart, then " + shared + "; " + witness);
      }
      Node late = nodes.node(redis.uri());
      late.awaitHeld("before");
      late.awaitHeld("after");
    }
  }

  @Test
  void redis_killedAndBackEmpty_hasTheVotesAgain(TestInfo test) {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      assertShared("before", all);
      try (Witness witness = new Witness(all.get(2).table)) {
        redis.kill();
        all.forEach(node -> node.awaitConnected(false));
        redis.restart();
        long back = System.nanoTime();
        Node late = nodes.node(redis.uri());
        late.awaitHeld("before");
        Duration heard = since(back);
        Duration shared = assertShared("after", all);
        witness.assertNeverWaited();
        note(test, "votes back after " + heard + ", then " + shared + "; " + witness);
      }
    }
  }

  @Test
  void redis_emptiedWhileItRuns_hasTheVotesAgain() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      assertShared("before", all);

      commands(redis.uri(), RedisCommands::flushall);

      await().until(() -> all.get(0).sharing.stats().published() >= 2);
      nodes.node(redis.uri()).awaitHeld("before");
      assertShared("after", all);
    }
  }

  @Test
  void redis_pausedUntilNoticed_goesOn(TestInfo test) {
    paused(Duration.ZERO, test);
  }

  @Tag("slow")
  @Test
  void redis_pausedForThirtySeconds_goesOn(TestInfo test) {
    paused(Duration.ofSeconds(30), test);
  }

  private void paused(Duration length, TestInfo test) {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      assertShared("before", all);
      AtomicInteger sent = new AtomicInteger();
      try (Witness witness = new Witness(all.get(2).table)) {
        redis.pause();
        long paused = System.nanoTime();
        all.get(2).client.addListener(new CommandListener() {
          @Override
          public void commandStarted(CommandStartedEvent event) {
            sent.incrementAndGet();
          }
        });
        all.get(0).fail("during");
        all.get(1).fail("during");
        all.forEach(node -> node.awaitConnected(false));
        Duration noticed = since(paused);
        await().atMost(LONG.multipliedBy(2)).until(() -> since(paused).compareTo(length) >= 0);
        assertThat(sent).as("commands that Redis must work off").hasValueLessThanOrEqualTo(4);
        redis.resume();
        long back = System.nanoTime();
        all.forEach(node -> node.awaitConnected(true));
        Duration connected = since(back);
        Duration shared = assertShared("after", all);
        witness.assertNeverWaited();
        note(
            test,
            "noticed after " + noticed + ", connected " + connected + " after it went on, then "
                + shared + "; " + witness);
      }
    }
  }

  @Test
  void redis_memoryFull_isReportedAndReadingGoesOn(TestInfo test) {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      assertShared("before", all);
      try (Witness witness = new Witness(all.get(0).table)) {
        commands(redis.uri(), sync -> sync.configSet("maxmemory", "1"));
        long full = System.nanoTime();
        all.get(0).awaitConnected(false);
        Duration noticed = since(full);
        assertThat(all.get(2).sharing.stats().connected()).as("it only reads").isTrue();
        all.get(0).fail("during");
        all.get(1).fail("during");
        commands(redis.uri(), sync -> sync.configSet("maxmemory", "0"));
        long back = System.nanoTime();
        all.get(2).awaitHeld("during");
        Duration heard = since(back);
        witness.assertNeverWaited();
        note(test, "noticed after " + noticed + ", heard " + heard + " after; " + witness);
      }
    }
  }

  @Test
  void redis_wrongPassword_sharesNothingUntilItIsRight(TestInfo test) {
    try (RedisProcess redis = new RedisProcess(dir, "--requirepass", "secret")) {
      String right = redis.uri().replace("//", "//:secret@");
      Node wrong = nodes.node(redis.uri().replace("//", "//:wrong@"));
      List<Node> all = nodes.nodes(3, right);
      try (Witness witness = new Witness(wrong.table)) {
        assertShared("p", all);
        assertThat(wrong.sharing.stats().connected()).isFalse();
        assertThat(wrong.table.state("p")).isEmpty();
        commands(right, sync -> sync.configSet("requirepass", "wrong"));
        wrong.awaitConnected(true);
        wrong.awaitHeld("p");
        witness.assertNeverWaited();
        note(test, witness);
      }
    }
  }

  @Test
  void redis_userWithOnlyTheRightsThatAreDocumented_shares() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      commands(
          redis.uri(),
          sync -> sync.dispatch(
              io.lettuce.core.protocol.CommandType.ACL,
              new io.lettuce.core.output.StatusOutput<>(io.lettuce.core.codec.StringCodec.UTF8),
              new io.lettuce.core.protocol.CommandArgs<>(io.lettuce.core.codec.StringCodec.UTF8)
                  .add("SETUSER")
                  .add("sharer")
                  .add("on")
                  .add(">secret")
                  .add("+xadd")
                  .add("+xread")
                  .add("+time")
                  .add("~backoff:*")));

      List<Node> all = nodes.nodes(3, redis.uri().replace("//", "//sharer:secret@"));

      assertShared("p", all);
    }
  }

  @Test
  void redis_keyOfAnotherType_sharesNothingUntilItIsGone() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      commands(redis.uri(), sync -> sync.set(KEY, "taken"));
      Node a = nodes.node(redis.uri());
      try (Witness witness = new Witness(a.table)) {
        await().until(() -> !a.sharing.stats().connected());
        commands(redis.uri(), sync -> sync.del(KEY));
        a.awaitConnected(true);
        witness.assertNeverWaited();
      }
    }
  }

  // The network

  @Test
  void network_connectionsCutInTheMiddleOfReplies_goesOn(TestInfo test) throws Exception {
    try (RedisProcess redis = new RedisProcess(dir);
        FaultyProxy proxy = new FaultyProxy(redis.address())) {
      List<Node> all = nodes.nodes(3, proxy.uri());
      try (Witness witness = new Witness(all.get(0).table)) {
        proxy.cutReplies(true);
        await().atMost(LONG).until(() -> proxy.cuts() >= 10);
        proxy.cutReplies(false);
        all.get(0).fail("p");
        all.get(1).fail("p");
        long back = System.nanoTime();
        all.get(2).awaitHeld("p");
        witness.assertNeverWaited();
        note(test, proxy.cuts() + " cuts, heard " + since(back) + " after the last; " + witness);
      }
    }
  }

  @Test
  void network_replicaPromotedWhoseIdsRunBackwards_isHeard(TestInfo test) throws Exception {
    try (RedisProcess primary = new RedisProcess(dir);
        RedisProcess replica = new RedisProcess(
            dir, "--replicaof", "127.0.0.1", "" + primary.address().getPort());
        FaultyProxy proxy = new FaultyProxy(primary.address())) {
      List<Node> all = nodes.nodes(3, proxy.uri());
      assertShared("before", all);
      commands(replica.uri(), sync -> await().until(() -> sync.xlen(KEY) == 2));
      commands(replica.uri(), RedisCommands::replicaofNoOne);
      // The clock of the primary is an hour ahead, and its last entry is lost.
      String ahead = System.currentTimeMillis() + 3_600_000 + "-0";
      commands(
          primary.uri(),
          sync ->
              sync.xadd(KEY, new XAddArgs().id(ahead), Map.of("node", "x", "at", "1", "q", "1,0")));
      await().until(() -> all.stream().allMatch(node -> node.sharing.stats().received() >= 1));
      await()
          .until(() ->
              all.get(2).sharing.stats().dropped() + all.get(2).sharing.stats().received() >= 3);
      try (Witness witness = new Witness(all.get(0).table)) {
        primary.kill();
        proxy.retarget(replica.address());
        long promoted = System.nanoTime();
        all.get(0).fail("p");
        all.get(1).fail("p");
        all.get(2).awaitHeld("p");
        witness.assertNeverWaited();
        note(test, "heard after " + since(promoted) + "; " + witness);
      }
    }
  }

  /** It still answers, and so it must be left. */
  @Test
  void network_primaryBecomesAReplica_theNewOneIsFound(TestInfo test) throws Exception {
    try (RedisProcess primary = new RedisProcess(dir);
        RedisProcess other = new RedisProcess(dir);
        FaultyProxy proxy = new FaultyProxy(primary.address())) {
      List<Node> all = nodes.nodes(3, proxy.uri());
      assertShared("before", all);
      proxy.retargetNext(other.address());
      commands(
          primary.uri(), sync -> sync.replicaof("127.0.0.1", other.address().getPort()));
      long demoted = System.nanoTime();
      all.get(0).fail("p");
      all.get(1).fail("p");
      all.get(2).awaitHeld("p");
      note(test, "heard after " + since(demoted));
    }
  }

  @Test
  void network_oneNodeIsCutOffFromRedis_theOthersShareAndItHearsLater(TestInfo test)
      throws Exception {
    try (RedisProcess redis = new RedisProcess(dir);
        FaultyProxy proxy = new FaultyProxy(redis.address())) {
      Node cutOff = nodes.node(proxy.uri());
      cutOff.awaitConnected(true);
      List<Node> all = nodes.nodes(3, redis.uri());
      try (Witness witness = new Witness(cutOff.table)) {
        proxy.refuse(true);
        cutOff.awaitConnected(false);
        assertShared("p", all);
        assertThat(cutOff.table.state("p")).isEmpty();
        proxy.refuse(false);
        long back = System.nanoTime();
        cutOff.awaitHeld("p");
        witness.assertNeverWaited();
        note(test, "heard " + since(back) + " after; " + witness);
      }
    }
  }

  // The other nodes

  @Test
  void nodes_onlyOneCannotReachAPeer_nobodyElseIsHeld() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(4, redis.uri());
      for (int i = 0; i < 5; i++) {
        all.get(3).fail("p");
      }
      assertShared("other", all); // so the rest was heard, too

      assertThat(all.subList(0, 3)).noneMatch(node -> node.isHeld("p"));
      assertThat(all.get(3).isHeld("p")).isTrue();
    }
  }

  @Test
  void nodes_oneReportsEveryPeerDead_nobodyElseIsHeld() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      Node broken = nodes.node(redis.uri());
      for (int i = 0; i < 2_000; i++) {
        broken.fail("peer-" + i);
      }
      await().atMost(LONG).until(() -> all.get(2).sharing.stats().received() >= 2_000);
      assertShared("other", all);

      assertThat(all.get(2).table.size()).isEqualTo(1);
    }
  }

  @Test
  void nodes_oneReportsEveryPeerWell_theOthersKeepTheirOwnStates() {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      all.get(0).fail("p");
      commands(redis.uri(), sync -> {
        for (int i = 0; i < 50; i++) {
          sync.xadd(KEY, entry("liar", Map.of("p", "0,0")));
        }
      });
      all.get(0).awaitFree("p"); // once, by its own probe
      all.get(0).fail("p");
      commands(redis.uri(), sync -> {
        for (int i = 0; i < 50; i++) {
          sync.xadd(KEY, entry("liar", Map.of("p", "0,0")));
        }
      });
      assertShared("other", all);

      assertThat(all.get(0).table.remaining("p")).isGreaterThan(Duration.ofSeconds(20));
    }
  }

  private static Map<String, String> entry(String node, Map<String, String> reports) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("node", node);
    fields.put("at", Long.toString(System.currentTimeMillis()));
    fields.putAll(reports);
    return fields;
  }

  @Test
  void log_hostileEntries_areDroppedInBoundedMemory(TestInfo test) {
    try (RedisProcess redis = new RedisProcess(dir)) {
      List<Node> all = nodes.nodes(3, redis.uri());
      long before = usedMemory();
      try (Witness witness = new Witness(all.get(2).table)) {
        commands(redis.uri(), sync -> {
          String huge = "x".repeat(1_000_000);
          sync.xadd(KEY, Map.of("garbage", "garbage"));
          sync.xadd(KEY, Map.of(huge, huge));
          sync.xadd(KEY, entry(huge, Map.of("p", "5000,0")));
          sync.xadd(KEY, entry("a", Map.of(huge, "5000,0", "p", huge, "unknown-p", "5000,0")));
          Map<String, String> many = new HashMap<>();
          for (int i = 0; i < 20_000; i++) {
            many.put("many-" + i, "5000,0");
          }
          sync.xadd(KEY, entry("many", many));
          for (int i = 0; i < 1_000; i++) {
            Map<String, String> reports = new HashMap<>();
            for (int j = 0; j < 128; j++) {
              reports.put("made-up-" + i + "-" + j, "5000,0");
            }
            sync.xadd(KEY, entry("node-" + i, reports));
            sync.xadd(KEY, entry("node-" + i, Map.of("one", "5000,0")));
          }
        });
        await().atMost(LONG).until(() -> all.get(2).sharing.stats().received() >= 129_000);
        Duration shared = assertShared("other", all);
        witness.assertNeverWaited();
        long grown = (usedMemory() - before) / 1_000_000;
        assertThat(grown).as("MB of three nodes").isLessThan(200);
        assertThat(all.get(2).sharing.stats().dropped()).isGreaterThan(5);
        note(test, grown + " MB more in three nodes; shared in " + shared + "; " + witness);
      }
    }
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
