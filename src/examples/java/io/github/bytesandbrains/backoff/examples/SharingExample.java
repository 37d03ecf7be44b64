package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.RedisSharingMetrics;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Set;

/** What this machine learns about its peers, the others learn by Redis, and the reverse. */
final class SharingExample implements AutoCloseable {
  private final RedisSharing<String> sharing;
  private final RedisSharingMetrics meters;

  // quoted
  SharingExample(
      ConcurrentBackoffTable<String> table,
      Set<String> peers,
      RedisClient client,
      MeterRegistry registry) {
    sharing = RedisSharing.builder(
            table, client, peer -> peer, name -> peers.contains(name) ? name : null)
        .tableName("uplink") // the same on every machine
        .start();
    meters = new RedisSharingMetrics(sharing, "uplink", Tags.empty());
    meters.bindTo(registry);
  }
  // end

  @Override
  public void close() {
    meters.close();
    sharing.close();
  }
}
