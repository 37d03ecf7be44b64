package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.lettuce.core.RedisClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Nodes in one JVM, each with a table, a client and connections of its own. */
final class RedisNodes implements AutoCloseable {
  static final Duration DELAY = Duration.ofSeconds(20);
  static final Duration MAX_ADOPTED = Duration.ofSeconds(10);

  /** The nodes reckon the engine's time to within this. */
  private static final Duration ERROR = Duration.ofMillis(500);

  /** What a fault makes them say is not of interest; held, or it would be forgotten. */
  private static final List<Logger> QUIET =
      List.of(Logger.getLogger("io.lettuce"), Logger.getLogger(RedisNodes.class.getPackageName()));

  static {
    QUIET.forEach(logger -> logger.setLevel(Level.OFF));
  }

  private final ClientResources resources = DefaultClientResources.builder()
      .ioThreadPoolSize(2)
      .computationThreadPoolSize(2)
      .build();
  private final List<Node> nodes = new ArrayList<>();
  private volatile long lastVoteNanos;

  final class Node {
    final ConcurrentBackoffTable<String> table;
    final RedisClient client;
    final RedisSharing<String> sharing;

    Node(String uri, UnaryOperator<RedisSharingBuilder<String>> options) {
      table = ConcurrentBackoffTable.builder()
          .schedule(BackoffSchedule.exponential(DELAY, Duration.ofSeconds(60)))
          .build();
      client = RedisClient.create(resources, uri);
      sharing = options
          .apply(RedisSharing.builder(
                  table, client, peer -> peer, name -> name.startsWith("unknown") ? null : name)
              .maxAdopted(MAX_ADOPTED))
          .start();
      nodes.add(this);
    }

    boolean isHeld(String peer) {
      return !table.shouldRetry(peer);
    }

    /** No longer than it may be after the last vote. */
    void awaitHeld(String peer) {
      await(peer).atMost(Duration.ofSeconds(20)).until(() -> isHeld(peer));
      BackoffState state = table.state(peer).orElseThrow();
      assertThat(state.attempts()).as("held because of others").isZero();
      assertThat(state.nextRetryNanos() - lastVoteNanos)
          .isLessThanOrEqualTo(MAX_ADOPTED.plus(ERROR).toNanos());
    }

    void awaitFree(String peer) {
      await(peer).atMost(Duration.ofSeconds(20)).until(() -> !isHeld(peer));
    }

    void awaitConnected(boolean connected) {
      await("connected: " + connected)
          .atMost(Duration.ofSeconds(30))
          .until(() -> sharing.stats().connected() == connected);
    }

    /** Fails, which the other nodes hear. */
    void fail(String peer) {
      table.recordFailure(peer);
      lastVoteNanos = table.nanoTime();
    }

    void close() {
      sharing.close();
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  Node node(String uri) {
    return new Node(uri, builder -> builder);
  }

  Node node(String uri, UnaryOperator<RedisSharingBuilder<String>> options) {
    return new Node(uri, options);
  }

  List<Node> nodes(int count, String uri) {
    List<Node> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(node(uri));
    }
    started.forEach(node -> node.awaitConnected(true));
    return started;
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
    resources.shutdown().syncUninterruptibly();
  }
}
