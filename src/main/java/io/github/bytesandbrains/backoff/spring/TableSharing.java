package io.github.bytesandbrains.backoff.spring;

import static java.util.Objects.requireNonNullElse;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.github.bytesandbrains.backoff.redis.RedisSharingBuilder;
import io.github.bytesandbrains.backoff.spring.BackoffProperties.Redis;
import io.lettuce.core.RedisClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.SmartLifecycle;

/**
 * Shares each table whose peers are strings while the application context runs. It starts after the
 * connection factory of Spring Data, whose client it may use, and before the servers, and stops in
 * the reverse order: what fails as a server drains is shared too.
 */
final class TableSharing implements SmartLifecycle {
  /** Binds the meters of a shared table; what it returns removes them. */
  interface Meters {
    Runnable bind(String table, RedisSharing<?> sharing);
  }

  private final Map<String, ConcurrentBackoffTable<String>> tables;
  private final Supplier<RedisClient> client;
  private final Redis properties;
  private final String namespace;
  private final Meters meters;
  private final List<RedisSharing<String>> shared = new ArrayList<>();
  private final List<Runnable> bound = new ArrayList<>();

  /** @param application the name of the application, or an empty string */
  TableSharing(
      Map<String, ConcurrentBackoffTable<String>> tables,
      Supplier<RedisClient> client,
      Redis properties,
      String application,
      Meters meters) {
    this.tables = tables;
    this.client = client;
    this.properties = properties;
    this.meters = meters;
    String own = requireNonNullElse(properties.namespace, "");
    namespace = own.isEmpty() ? application : own;
  }

  @Override
  public synchronized void start() {
    if (!properties.enabled) { // the condition takes "off" for a value that is set
      return;
    }
    if (namespace.isEmpty()) {
      throw new InvalidConfigurationPropertyValueException(
          "backoff.redis.namespace",
          null,
          "namespace: null (expected: a name, or a spring.application.name)");
    }
    RedisClient lettuce = client.get();
    tables.forEach((name, table) -> {
      RedisSharingBuilder<String> builder =
          RedisSharing.builder(table, lettuce, peer -> peer, peer -> peer);
      TableProperties.set("backoff.redis.namespace", namespace + ":" + name, builder::tableName);
      TableProperties.set("backoff.redis.node-id", properties.nodeId, builder::nodeId);
      TableProperties.set("backoff.redis.quorum", properties.quorum, builder::quorum);
      TableProperties.set("backoff.redis.max-adopted", properties.maxAdopted, builder::maxAdopted);
      RedisSharing<String> sharing = builder.start();
      shared.add(sharing);
      bound.add(meters.bind(name, sharing));
    });
  }

  @Override
  public synchronized void stop() {
    bound.forEach(Runnable::run);
    bound.clear();
    shared.forEach(RedisSharing::close);
    shared.clear();
  }

  @Override
  public synchronized boolean isRunning() {
    return !shared.isEmpty();
  }

  /** Between 0, the phase of Spring Data, and that of the servers, which is close to the default. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE / 2;
  }
}
