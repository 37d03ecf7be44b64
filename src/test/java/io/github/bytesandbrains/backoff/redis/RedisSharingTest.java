package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisNodes.Node;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that share a table by a real Redis. */
final class RedisSharingTest {
  private static RedisProcess redis;
  private final RedisNodes nodes = new RedisNodes();

  @BeforeAll
  static void startRedis(@TempDir Path dir) {
    redis = new RedisProcess(dir);
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    try (RedisClient client = RedisClient.create(redis.uri())) {
      client.connect().sync().flushall();
    }
  }

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("backoff-sharing"))
        .collect(Collectors.toSet());
  }

  @Test
  void share_twoOfThreeNodesFail_holdsTheThirdAndARecoveryLiftsIt() {
    List<Node> all = nodes.nodes(3, redis.uri());
    all.get(0).fail("p");
    all.get(1).fail("p");

    all.get(2).awaitHeld("p");
    assertThat(all.get(0).table.state("p").orElseThrow().attempts()).isEqualTo(1);
    all.get(0).table.recordSuccess("p");
    all.get(2).awaitFree("p");
    all.get(1).awaitFree("p");

    assertThat(all.get(1).table.state("p").orElseThrow().attempts()).isEqualTo(1);
    RedisSharingStats stats = all.get(2).sharing.stats();
    assertThat(stats.adopted()).isEqualTo(1);
    assertThat(stats.lifted()).isEqualTo(1);
    assertThat(stats.received()).isEqualTo(3);
    assertThat(stats.published()).isZero();
    assertThat(stats.dropped()).isZero();
    assertThat(stats.lag()).isLessThan(Duration.ofSeconds(5));
    assertThat(all.get(0).sharing.stats().published()).isEqualTo(2);
    assertThat(stats).asString().contains("connected=true", "adopted=1", "lifted=1");
  }

  @Test
  void share_nodeThatJoinsLater_holdsWhatTheOthersHold() {
    List<Node> all = nodes.nodes(2, redis.uri());
    all.forEach(node -> node.fail("p"));
    all.forEach(node -> await().until(() -> node.sharing.stats().published() == 1));

    nodes.node(redis.uri()).awaitHeld("p");
  }

  @Test
  void share_quorumOfOne_holdsWhatAnyNodeReports() {
    Node a = nodes.node(redis.uri());
    Node b = nodes.node(redis.uri(), builder -> builder.quorum(1));
    a.fail("p");

    b.awaitHeld("p");
  }

  @Test
  void share_twoTableNames_areApart() {
    List<Node> all = nodes.nodes(3, redis.uri());
    List<Node> others = List.of(
        nodes.node(redis.uri(), builder -> builder.tableName("other")),
        nodes.node(redis.uri(), builder -> builder.tableName("other")),
        nodes.node(redis.uri(), builder -> builder.tableName("other")));
    all.get(0).fail("p");
    all.get(1).fail("p");
    others.get(0).fail("q");
    others.get(1).fail("q");

    all.get(2).awaitHeld("p");
    others.get(2).awaitHeld("q");
    assertThat(all.get(2).table.size()).isEqualTo(1);
    assertThat(others.get(2).table.size()).isEqualTo(1);
    try (RedisClient client = RedisClient.create(redis.uri())) {
      assertThat(client.connect().sync().exists("backoff:{default}:log", "backoff:{other}:log"))
          .isEqualTo(2);
    }
  }

  @Test
  void share_logInRedis_isReadable() {
    Node a = nodes.node(redis.uri(), builder -> builder.nodeId("a"));
    a.fail("peer:443");
    await().until(() -> a.sharing.stats().published() == 1);

    try (RedisClient client = RedisClient.create(redis.uri())) {
      assertThat(client.connect().sync().xrange("backoff:{default}:log", Range.unbounded()))
          .singleElement()
          .satisfies(message -> {
            assertThat(message.getBody()).containsEntry("node", "a").containsKeys("at");
            assertThat(message.getBody().get("peer:443")).matches("20000,[0-9]{1,4}");
          });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void share_clientWithShortCommandTimeout_isNotCutOffByItsOwnReads(boolean ofTheConnection) {
    RedisURI uri = RedisURI.create(redis.uri());
    uri.setTimeout(Duration.ofMillis(300));
    RedisClient client = RedisClient.create(uri);
    client.setOptions(ClientOptions.builder()
        .timeoutOptions(
            ofTheConnection
                ? TimeoutOptions.enabled()
                : TimeoutOptions.enabled(Duration.ofMillis(300)))
        .build());
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    try (RedisSharing<String> sharing =
        RedisSharing.builder(table, client, p -> p, p -> p).quorum(1).start()) {
      await().until(() -> sharing.stats().connected());
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(4))
          .until(() -> sharing.stats().connected());
      nodes.node(redis.uri()).fail("p");
      await().until(() -> !table.shouldRetry("p"));
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void share_connectionOfTheCaller_isNotHeldUp() {
    Node a = nodes.nodes(1, redis.uri()).get(0);
    try (StatefulRedisConnection<String, String> own = a.client.connect()) {
      long before = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertThat(own.sync().ping()).isEqualTo("PONG");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void close_running_endsItsThreadsAndConnectionsAndLeavesTheClientOpen() {
    await().until(() -> threads().isEmpty());
    Node a = nodes.nodes(1, redis.uri()).get(0);
    assertThat(threads()).hasSize(2);

    a.sharing.close();
    a.sharing.close();

    await().until(() -> threads().isEmpty());
    try (StatefulRedisConnection<String, String> own = a.client.connect()) {
      await().until(() -> own.sync().clientList().lines().count() == 1);
    }
    a.fail("p");
    assertThat(a.sharing.stats().published()).isZero();
  }

  @Test
  void close_interrupted_endsItsThreadsAndItsListener() {
    await().until(() -> threads().isEmpty());
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().maximumPeers(1).build();
    RedisClient client = RedisClient.create(redis.uri());
    try {
      RedisSharing<String> sharing =
          RedisSharing.builder(table, client, p -> p, p -> p).start();
      await().until(() -> sharing.stats().connected());
      Thread.currentThread().interrupt();

      sharing.close();

      assertThat(Thread.interrupted()).isTrue();
      await().until(() -> threads().isEmpty());
      List.of("p", "q", "r").forEach(table::recordFailure);
      assertThat(sharing.stats().dropped()).as("more than it would keep").isZero();
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void share_loggerThatThrows_goesOnWhenRedisIsThere(@TempDir Path dir) {
    Logger logger = Logger.getLogger(RedisSharing.class.getPackageName());
    AtomicInteger logged = new AtomicInteger();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord entry) {
        logged.incrementAndGet();
        throw new IllegalStateException("full");
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    try (RedisProcess late = new RedisProcess(dir)) {
      late.kill();
      logger.setLevel(Level.WARNING);
      logger.addHandler(handler);
      Node a = nodes.node(late.uri());
      await().until(() -> logged.get() == 2);
      late.restart();

      a.awaitConnected(true);
      a.sharing.close();
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(Level.OFF);
    }
  }

  /** Redis accepts the connection and says nothing; connecting takes a minute then. */
  @Test
  void close_whileItConnects_endsItsThreads() {
    await().until(() -> threads().isEmpty());
    redis.pause();
    try {
      Node a = nodes.node(redis.uri());
      await()
          .until(() -> threads().stream()
              .allMatch(thread -> Stream.of(thread.getStackTrace())
                  .anyMatch(frame -> frame.getMethodName().equals("connect"))));

      a.sharing.close();

      await().until(() -> threads().isEmpty());
    } finally {
      redis.resume();
    }
  }

  @Test
  void start_redisIsAbsent_recordsAndAsksAsBeforeAndEndsWhenClosed() {
    Node a = nodes.node("redis://127.0.0.1:1");
    a.fail("p");

    assertThat(a.table.shouldRetry("p")).isFalse();
    assertThat(a.table.recordSuccess("p")).isTrue();
    assertThat(a.sharing.stats().connected()).isFalse();
    a.sharing.close();
    await().until(() -> threads().isEmpty());
  }

  @Test
  void builder_optionsOutOfBounds_sayWhatIsExpected() {
    RedisSharingBuilder<String> builder = RedisSharing.builder(
        ConcurrentBackoffTable.create(), nodes.nodes(1, redis.uri()).get(0).client, p -> p, p -> p);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.quorum(0))
        .withMessage("quorum: 0 (expected: 1 to 100)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxAdopted(Duration.ofMillis(999)))
        .withMessage("maxAdopted: PT0.999S (expected: PT1S to PT1H)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxAdopted(Duration.ofMinutes(61)));
    for (String text : List.of("", "a b", "a{b}", "x".repeat(65), "\u00e9")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.tableName(text))
          .withMessageStartingWith("tableName: " + text + " (expected: 1 to 64 of ");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.nodeId(text))
          .withMessageStartingWith("nodeId: ");
    }
  }
}
