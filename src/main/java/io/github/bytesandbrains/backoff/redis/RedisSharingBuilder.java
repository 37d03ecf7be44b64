package io.github.bytesandbrains.backoff.redis;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link RedisSharing}. Not thread-safe.
 *
 * @param <P> the type of the peers
 */
public final class RedisSharingBuilder<P> {
  final ConcurrentBackoffTable<P> table;
  final RedisClient client;
  final Function<? super P, String> name;
  final Function<? super String, ? extends @Nullable P> peer;
  String tableName = "default";
  String nodeId = UUID.randomUUID().toString();
  int quorum = 2;
  Duration maxAdopted = Duration.ofSeconds(30);

  RedisSharingBuilder(
      ConcurrentBackoffTable<P> table,
      RedisClient client,
      Function<? super P, String> name,
      Function<? super String, ? extends @Nullable P> peer) {
    this.table = requireNonNull(table, "table");
    this.client = requireNonNull(client, "client");
    this.name = requireNonNull(name, "name");
    this.peer = requireNonNull(peer, "peer");
  }

  /**
   * Sets the name of the table, which is the same on every node that shares it; {@code default}
   * unless set. The key in Redis is <code>backoff:{NAME}:log</code>.
   *
   * @throws IllegalArgumentException if it is not 1 to 64 letters, digits, dots, colons, hyphens or
   *     underscores
   */
  public RedisSharingBuilder<P> tableName(String tableName) {
    this.tableName = requireNode("tableName", tableName);
    return this;
  }

  /**
   * Sets the ID of this node, under which it votes; random unless set. Nodes with the same ID count
   * as one. A node that restarts with another ID counts as two until its old votes expire.
   *
   * @throws IllegalArgumentException if it is not 1 to 64 letters, digits, dots, colons, hyphens or
   *     underscores
   */
  public RedisSharingBuilder<P> nodeId(String nodeId) {
    this.nodeId = requireNode("nodeId", nodeId);
    return this;
  }

  /**
   * Sets how many nodes must find a peer failing before the others leave it alone too; 2 unless
   * set. With 1, every node believes each of the others.
   *
   * @throws IllegalArgumentException if {@code quorum} is not from 1 to 100
   */
  public RedisSharingBuilder<P> quorum(int quorum) {
    if (quorum < 1 || quorum > 100) {
      throw new IllegalArgumentException("quorum: " + quorum + " (expected: 1 to 100)");
    }
    this.quorum = quorum;
    return this;
  }

  /**
   * Sets the longest time for which this node leaves a peer alone because of the others; 30 s
   * unless set. It then tries the peer itself. Set the same on every node.
   *
   * @throws IllegalArgumentException if {@code maxAdopted} is not from 1 s to 1 h
   */
  public RedisSharingBuilder<P> maxAdopted(Duration maxAdopted) {
    if (maxAdopted.compareTo(Duration.ofSeconds(1)) < 0
        || maxAdopted.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("maxAdopted: " + maxAdopted + " (expected: PT1S to PT1H)");
    }
    this.maxAdopted = maxAdopted;
    return this;
  }

  /** In braces is what Redis Cluster hashes. */
  String key() {
    return "backoff:{" + tableName + "}:log";
  }

  private static String requireNode(String option, String text) {
    if (!LogEntry.isNode(requireNonNull(text, option))) {
      throw new IllegalArgumentException(
          option + ": " + text + " (expected: 1 to 64 of A-Z, a-z, 0-9, ., :, - and _)");
    }
    return text;
  }

  /**
   * Starts sharing. It does not wait for Redis, which need not be there yet.
   *
   * @return the sharing, which runs until it is closed
   */
  public RedisSharing<P> start() {
    return new RedisSharing<>(this, new RedisLog(client, key()));
  }
}
