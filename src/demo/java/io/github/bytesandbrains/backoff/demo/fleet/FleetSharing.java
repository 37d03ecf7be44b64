package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.github.bytesandbrains.backoff.redis.RedisSharingStats;
import io.lettuce.core.RedisClient;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** Shares the tables of all nodes by Redis; each has connections of its own. */
final class FleetSharing implements AutoCloseable {
  /** Redis goes away on purpose; each node would report it, with a stack trace. */
  private static final List<Logger> SILENCED = Stream.of(
          RedisSharing.class.getPackageName(), RedisClient.class.getPackageName())
      .map(Logger::getLogger)
      .toList();

  private final RedisClient client;
  private final List<RedisSharing<Peer>> sharings;

  FleetSharing(String redisUri, Plan plan, List<Node> nodes) {
    SILENCED.forEach(logger -> logger.setLevel(Level.OFF));
    client = RedisClient.create(redisUri);
    sharings = nodes.stream()
        .map(node -> RedisSharing.builder(
                node.table(),
                client,
                peer -> String.valueOf(peer.number()),
                name -> plan.peers().get(Integer.parseInt(name)))
            .maxAdopted(plan.maxAdopted())
            .nodeId("node-" + node.number())
            .start())
        .toList();
  }

  boolean allConnected() {
    return stats().stream().allMatch(RedisSharingStats::connected);
  }

  /** How often a node has adopted a hold. */
  long adopted() {
    return sum(RedisSharingStats::adopted);
  }

  /** What all nodes counted, as a line of text. */
  String counted() {
    return String.format(
        Locale.ROOT,
        "counted by sharing: %d of %d connected, %,d published, %,d received, %,d adopted,"
            + " %,d lifted, %,d dropped",
        stats().stream().filter(RedisSharingStats::connected).count(),
        sharings.size(),
        sum(RedisSharingStats::published),
        sum(RedisSharingStats::received),
        adopted(),
        sum(RedisSharingStats::lifted),
        sum(RedisSharingStats::dropped));
  }

  private long sum(ToLongFunction<RedisSharingStats> count) {
    return stats().stream().mapToLong(count).sum();
  }

  private List<RedisSharingStats> stats() {
    return sharings.stream().map(RedisSharing::stats).toList();
  }

  @Override
  public void close() {
    sharings.forEach(RedisSharing::close);
    client.shutdown();
    SILENCED.forEach(logger -> logger.setLevel(null));
  }
}
