/**
 * Sharing by Redis or Valkey: when several machines find a peer failing, the others leave it alone
 * too, before they fail themselves.
 *
 * <pre>{@code
 * SharingExample(
 *     ConcurrentBackoffTable<String> table,
 *     Set<String> peers,
 *     RedisClient client,
 *     MeterRegistry registry) {
 *   sharing = RedisSharing.builder(
 *           table, client, peer -> peer, name -> peers.contains(name) ? name : null)
 *       .tableName("uplink") // the same on every machine
 *       .start();
 *   meters = new RedisSharingMetrics(sharing, "uplink", Tags.empty());
 *   meters.bindTo(registry);
 * }
 * }</pre>
 *
 * <p>{@link io.github.bytesandbrains.backoff.redis.RedisSharing} says what is shared, and when. The
 * page {@code src/docs/sharing.md} says how to choose the options, what sharing costs, which rights
 * it needs, and what happens when Redis fails.
 *
 * <p>Needs {@code io.lettuce:lettuce-core}, which this library does not bring.
 */
@NullMarked
package io.github.bytesandbrains.backoff.redis;

import org.jspecify.annotations.NullMarked;
