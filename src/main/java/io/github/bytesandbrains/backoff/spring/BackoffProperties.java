package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The properties {@code backoff.*}, with the options that all tables share.
 *
 * <p>They have setters because Spring Boot binds a record much more slowly, at every start.
 */
@ConfigurationProperties("backoff")
final class BackoffProperties extends TableProperties {
  /** What each of them leaves open is as for all tables. */
  private Map<String, TableProperties> tables = Map.of();

  Metrics metrics = new Metrics();
  Snapshot snapshot = new Snapshot();
  Health health = new Health();
  Redis redis = new Redis();

  void setTables(Map<String, TableProperties> tables) {
    this.tables = tables;
  }

  void setMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  void setSnapshot(Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  void setHealth(Health health) {
    this.health = health;
  }

  void setRedis(Redis redis) {
    this.redis = redis;
  }

  /** Meters of Micrometer, of every table. */
  static final class Metrics {
    boolean enabled = true;
    int topPeers;

    void setEnabled(boolean enabled) {
      this.enabled = enabled;
    }

    void setTopPeers(int topPeers) {
      this.topPeers = topPeers;
    }
  }

  /** Snapshots of the tables whose peers are strings. */
  static final class Snapshot {
    @Nullable
    Path directory; // each table has its file there

    Duration interval = Duration.ofSeconds(30); // from one save to the next

    void setDirectory(Path directory) {
      this.directory = directory;
    }

    void setInterval(Duration interval) {
      this.interval = interval;
    }
  }

  /** The health indicator. */
  static final class Health {
    @Nullable
    Integer maximumCooling;

    void setMaximumCooling(Integer maximumCooling) {
      this.maximumCooling = maximumCooling;
    }
  }

  /** Sharing by Redis. */
  static final class Redis {
    boolean enabled;

    @Nullable
    String namespace;

    @Nullable
    String nodeId;

    @Nullable
    Integer quorum;

    @Nullable
    Duration maxAdopted;

    void setEnabled(boolean enabled) {
      this.enabled = enabled;
    }

    void setNamespace(String namespace) {
      this.namespace = namespace;
    }

    void setNodeId(String nodeId) {
      this.nodeId = nodeId;
    }

    void setQuorum(Integer quorum) {
      this.quorum = quorum;
    }

    void setMaxAdopted(Duration maxAdopted) {
      this.maxAdopted = maxAdopted;
    }
  }

  /** Sets the options that all tables share. */
  void configure(BackoffTableBuilder builder) {
    configure(builder, null, "backoff");
  }

  /** Sets the options of a named table, over those that all tables share. */
  void configure(BackoffTableBuilder builder, String name) {
    TableProperties table = tables.get(name);
    if (table != null) {
      String element = ConfigurationPropertyName.isValid(name) ? "." + name : "[" + name + "]";
      table.configure(builder, schedule, "backoff.tables" + element);
    }
  }
}
