package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.RedisSharingMetrics;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Makes tables, their meters, their Actuator endpoint, their snapshots and their sharing from
 * {@code backoff.*}, on Spring Boot 3.5 and 4.
 *
 * <p>The peers of a table are strings. There is one table, the bean {@code backoffTable}, unless
 * {@code backoff.tables} names others, each of them a bean of that name, or the application defines
 * its own. A table of the application is best built from the bean of type {@link
 * BackoffTableBuilder}, a prototype with the options of {@code backoff.*}. An application that
 * defines that bean itself changes every table.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "backoff.enabled", matchIfMissing = true)
@EnableConfigurationProperties(BackoffProperties.class)
public final class BackoffAutoConfiguration {
  BackoffAutoConfiguration() {}

  /** Before the table by default, which is made only if there is no other one. */
  @Configuration(proxyBeanMethods = false)
  @Import(TableRegistrar.class)
  static class NamedTables {
    @Bean(TableFactory.BEAN_NAME)
    TableFactory backoffTableFactory(
        ObjectProvider<BackoffTableBuilder> builders, BackoffProperties properties) {
      return new TableFactory(builders, properties);
    }
  }

  @Bean
  @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
  @ConditionalOnMissingBean
  BackoffTableBuilder backoffTableBuilder(BackoffProperties properties) {
    BackoffTableBuilder builder = ConcurrentBackoffTable.builder();
    properties.configure(builder);
    return builder;
  }

  @Bean
  @ConditionalOnMissingBean(ConcurrentBackoffTable.class) // of any peers
  ConcurrentBackoffTable<String> backoffTable(BackoffTableBuilder builder) {
    return builder.build();
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty("backoff.snapshot.directory")
  static class Snapshots {
    /** Static, and without the bean of the properties, because a post-processor is made early. */
    @Bean
    @ConditionalOnMissingBean(name = "backoffTableSnapshots")
    static TableSnapshots backoffTableSnapshots(BeanFactory beanFactory, Environment environment) {
      return new TableSnapshots(
          beanFactory,
          Binder.get(environment)
              .bindOrCreate("backoff.snapshot", BackoffProperties.Snapshot.class));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(RedisClient.class)
  @ConditionalOnProperty("backoff.redis.enabled")
  static class Sharing {
    @Bean
    @ConditionalOnMissingBean(name = "backoffTableSharing")
    TableSharing backoffTableSharing(
        ListableBeanFactory beanFactory,
        ObjectProvider<RedisClient> clients,
        ObjectProvider<ClientOfSpringData> springData,
        ObjectProvider<TableSharing.Meters> meters,
        BackoffProperties properties,
        @Value("${spring.application.name:}") String application) {
      return new TableSharing(
          TableFactory.tablesOfStrings(beanFactory),
          () -> Optional.ofNullable(clients.getIfUnique())
              .or(() ->
                  Optional.ofNullable(springData.getIfAvailable()).map(ClientOfSpringData::get))
              .orElseThrow(() -> new InvalidConfigurationPropertyValueException(
                  "backoff.redis.enabled",
                  true,
                  "There is neither one bean of type RedisClient, nor a LettuceConnectionFactory"
                      + " for a Redis that is no cluster.")),
          properties.redis,
          application,
          meters.getIfAvailable(() -> (table, sharing) -> () -> {}));
    }

    /** Its client has the address and the credentials of {@code spring.data.redis}. */
    interface ClientOfSpringData {
      @Nullable
      RedisClient get();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(LettuceConnectionFactory.class)
    static class SpringData {
      @Bean
      ClientOfSpringData backoffRedisClient(ObjectProvider<LettuceConnectionFactory> factories) {
        return () -> {
          LettuceConnectionFactory factory = factories.getIfUnique();
          return factory != null && factory.getNativeClient() instanceof RedisClient client
              ? client
              : null;
        };
      }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    @ConditionalOnBooleanProperty(name = "backoff.metrics.enabled", matchIfMissing = true)
    static class Meters {
      @Bean
      TableSharing.Meters backoffSharingMeters(ObjectProvider<MeterRegistry> registries) {
        return (table, sharing) -> {
          RedisSharingMetrics meters = new RedisSharingMetrics(sharing, table, Tags.empty());
          registries.ifUnique(registry -> TableMeters.tryBind(meters, registry));
          return meters::close;
        };
      }
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingClass("io.lettuce.core.RedisClient")
  @ConditionalOnProperty("backoff.redis.enabled")
  static class SharingWithoutLettuce {
    SharingWithoutLettuce(BackoffProperties properties) {
      if (properties.redis.enabled) {
        throw new InvalidConfigurationPropertyValueException(
            "backoff.redis.enabled", true, "It needs io.lettuce:lettuce-core on the class path.");
      }
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterBinder.class)
  @ConditionalOnBooleanProperty(name = "backoff.metrics.enabled", matchIfMissing = true)
  static class Meters {
    @Bean
    @ConditionalOnMissingBean(name = "backoffTableMeters")
    TableMeters backoffTableMeters(
        Map<String, ConcurrentBackoffTable<?>> tables, BackoffProperties properties) {
      return new TableMeters(tables, properties.metrics.topPeers);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
  @ConditionalOnAvailableEndpoint(BackoffEndpoint.class)
  static class Endpoint {
    @Bean
    @ConditionalOnMissingBean(name = "backoffEndpoint")
    BackoffEndpoint backoffEndpoint(
        Map<String, ConcurrentBackoffTable<?>> all, ListableBeanFactory beanFactory) {
      return new BackoffEndpoint(all, TableFactory.tablesOfStrings(beanFactory));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(HealthIndicator.class)
  @ConditionalOnEnabledHealthIndicator("backoff")
  @ConditionalOnProperty("backoff.health.maximum-cooling")
  static class HealthOfBoot3 {
    @Bean
    @ConditionalOnMissingBean(name = "backoffHealthIndicator")
    HealthIndicator backoffHealthIndicator(
        Map<String, ConcurrentBackoffTable<?>> tables, BackoffProperties properties) {
      CoolingHealth health = new CoolingHealth(tables, properties.health);
      return () -> {
        Map<String, Long> cooling = health.cooling();
        return (health.isDown(cooling) ? Health.down() : Health.up())
            .withDetail("cooling", cooling)
            .build();
      };
    }
  }

  /** As {@link HealthOfBoot3}; the types have moved. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(org.springframework.boot.health.contributor.HealthIndicator.class)
  @org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator(
      "backoff")
  @ConditionalOnProperty("backoff.health.maximum-cooling")
  static class HealthOfBoot4 {
    @Bean
    @ConditionalOnMissingBean(name = "backoffHealthIndicator")
    org.springframework.boot.health.contributor.HealthIndicator backoffHealthIndicator(
        Map<String, ConcurrentBackoffTable<?>> tables, BackoffProperties properties) {
      CoolingHealth health = new CoolingHealth(tables, properties.health);
      return () -> {
        Map<String, Long> cooling = health.cooling();
        return (health.isDown(cooling)
                ? org.springframework.boot.health.contributor.Health.down()
                : org.springframework.boot.health.contributor.Health.up())
            .withDetail("cooling", cooling)
            .build();
      };
    }
  }
}
