package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisProcess;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** Applications that share their tables, by a client of their own and by that of Spring Data. */
@Tag("spring")
final class TableSharingTest {
  @TempDir
  private static Path dir;

  private static RedisProcess redis;

  private final ApplicationContextRunner runner = new ApplicationContextRunner()
      .withConfiguration(AutoConfigurations.of(BackoffAutoConfiguration.class));

  @BeforeAll
  static void startRedis() {
    redis = new RedisProcess(dir);
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithSpringData {}

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(BackoffAutoConfiguration.class)
  static class WithClient {
    @Bean(destroyMethod = "shutdown")
    RedisClient client() {
      return RedisClient.create(redis.uri());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class WithClientAndRegistry extends WithClient {
    @Bean
    MeterRegistry registry() {
      return new SimpleMeterRegistry();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(BackoffAutoConfiguration.class)
  static class WithoutClient {}

  private static ConfigurableApplicationContext run(Class<?> source, String... args) {
    return run(new SpringApplicationBuilder(source), args);
  }

  private static ConfigurableApplicationContext run(
      SpringApplicationBuilder builder, String... args) {
    return builder
        .web(WebApplicationType.NONE)
        .run(Stream.concat(
                Stream.of(
                    "--spring.config.name=none",
                    "--spring.application.name=shop",
                    "--spring.data.redis.port=" + redis.address().getPort(),
                    "--backoff.redis.enabled=true",
                    "--backoff.redis.quorum=1",
                    "--backoff.schedule.initial-delay=1h",
                    "--backoff.schedule.max-delay=1h"),
                Stream.of(args))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void share_failureOfOneApplication_isAdoptedByTheOther(boolean virtualThreads) {
    VirtualThreads.assumePresent(virtualThreads);
    String namespace = "--backoff.redis.namespace=" + UUID.randomUUID();
    String threads = "--" + VirtualThreads.ENABLED + virtualThreads;
    try (ConfigurableApplicationContext one = run(WithSpringData.class, namespace, threads);
        ConfigurableApplicationContext other = run(WithClient.class, namespace, threads)) {
      VirtualThreads.runTask(one, virtualThreads, () -> {});
      assertShared(one, other, "a");
      assertShared(other, one, "b");
    }
  }

  private static void assertShared(
      ConfigurableApplicationContext from, ConfigurableApplicationContext to, String peer) {
    Beans.<String>table(from, "backoffTable").recordFailure(peer);

    ConcurrentBackoffTable<String> other = Beans.table(to, "backoffTable");
    await().untilAsserted(() -> assertThat(other.shouldRetry(peer)).isFalse());
    assertThat(other.remaining(peer)).isLessThanOrEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void stop_requestThatFailsAsTheServerDrains_isStillShared() {
    try (ConfigurableApplicationContext other = run(WithClient.class)) {
      ConcurrentBackoffTable<String> observed = Beans.table(other, "backoffTable");
      List<Boolean> adopted = new ArrayList<>();

      run(new SpringApplicationBuilder(WithClient.class)
              .initializers(context -> ((GenericApplicationContext) context)
                  .registerBean(
                      Server.class,
                      () -> new Server(() -> {
                        Beans.table(context, "backoffTable").recordFailure("late");
                        await().until(() -> !observed.shouldRetry("late"));
                        adopted.add(true);
                      }))))
          .close();

      assertThat(adopted).containsExactly(true);
    }
  }

  /** In the phase in which Spring Boot lets a web server drain. */
  private static final class Server implements SmartLifecycle {
    private final Runnable drain;
    private boolean running;

    Server(Runnable drain) {
      this.drain = drain;
    }

    @Override
    public void start() {
      running = true;
    }

    @Override
    public void stop() {
      running = false;
      drain.run();
    }

    @Override
    public boolean isRunning() {
      return running;
    }

    @Override
    public int getPhase() {
      return SmartLifecycle.DEFAULT_PHASE - 1024;
    }
  }

  @Test
  void start_registry_hasTheMetersOfEachSharedTableUntilTheContextCloses() {
    MeterRegistry registry;
    try (ConfigurableApplicationContext context = run(WithClientAndRegistry.class)) {
      registry = context.getBean(MeterRegistry.class);
      Search connected = registry.find("backoff.sharing.connected").tag("table", "backoffTable");

      await()
          .untilAsserted(() ->
              assertThat(connected.gauge()).isNotNull().extracting(Gauge::value).isEqualTo(1.0));
    }

    assertThat(registry.find("backoff.sharing.connected").meters()).isEmpty();
  }

  @Test
  void start_registryThatHasTheMetersOfAnother_startsWithoutThem() {
    MeterRegistry registry = new SimpleMeterRegistry();
    try (ConfigurableApplicationContext one = runWith(registry);
        ConfigurableApplicationContext other = runWith(registry)) {
      assertThat(one.isActive()).isTrue();
      assertThat(other.isActive()).isTrue();
      assertThat(registry.find("backoff.sharing.connected").meters()).hasSize(1);
    }
  }

  private static ConfigurableApplicationContext runWith(MeterRegistry registry) {
    return run(new SpringApplicationBuilder(WithClient.class)
        .initializers(context -> ((GenericApplicationContext) context)
            .registerBean("shared", MeterRegistry.class, () -> registry)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "off", "no", "0"})
  void start_disabled_sharesNothing(String no) {
    runner
        .withPropertyValues("backoff.redis.enabled=" + no)
        .run(context -> assertThat(context).hasNotFailed()); // without a client
  }

  @Test
  void start_noLettuce_failsWithTheReason() {
    runner
        .withClassLoader(new FilteredClassLoader(RedisClient.class))
        .withPropertyValues("backoff.redis.enabled=true")
        .run(context ->
            assertThat(context).getFailure().rootCause().hasMessageContaining("lettuce-core"));
  }

  @Test
  void start_noClient_failsWithTheReason() {
    assertThatException()
        .isThrownBy(() -> run(WithoutClient.class))
        .havingRootCause()
        .withMessageContaining("bean of type RedisClient");
  }

  @Test
  void start_emptyNamespace_isThatOfTheApplication() {
    assertThatException()
        .isThrownBy(() -> run(
            WithClient.class, "--backoff.redis.namespace=", "--backoff.tables[a b].probe-lease=1s"))
        .havingRootCause()
        .withMessageContaining("tableName: shop:a b (expected: ");
  }

  /** Or all applications without a name would share what they know of their peers. */
  @Test
  void start_noNamespaceAndNoNameOfTheApplication_fails() {
    assertThatException()
        .isThrownBy(() -> new SpringApplicationBuilder(WithClient.class)
            .web(WebApplicationType.NONE)
            .run("--spring.config.name=none", "--backoff.redis.enabled=true"))
        .havingRootCause()
        .withMessageContaining("backoff.redis.namespace")
        .withMessageContaining("spring.application.name");
  }

  @Test
  void start_wrongValue_namesTheProperty() {
    assertThatException()
        .isThrownBy(() -> run(WithClient.class, "--backoff.redis.max-adopted=0"))
        .havingRootCause()
        .withMessageContaining("backoff.redis.max-adopted")
        .withMessageContaining("maxAdopted: PT0S (expected: PT1S to PT1H)");
  }
}
