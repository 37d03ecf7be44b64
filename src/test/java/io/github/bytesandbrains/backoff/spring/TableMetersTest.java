package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** The meters that Spring Boot binds, in a registry that outlives the application context. */
@Tag("spring")
final class TableMetersTest {
  private final MeterRegistry registry = new SimpleMeterRegistry() {
    @Override
    public void close() {
      // Spring Boot closes every registry with its context.
    }
  };

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    ConcurrentBackoffTable<URI> uris(BackoffTableBuilder builder) {
      return builder.build();
    }
  }

  private ConfigurableApplicationContext run(String... args) {
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .initializers(context -> ((GenericApplicationContext) context)
            .registerBean("sharedRegistry", MeterRegistry.class, () -> registry))
        .run(Stream.concat(
                Stream.of(
                    "--spring.config.name=none",
                    "--management.prometheus.metrics.export.enabled=false"),
                Stream.of(args))
            .toArray(String[]::new));
  }

  private List<Meter> tracked() {
    return List.copyOf(registry.find("backoff.peers.tracked").meters());
  }

  private List<Meter> all() {
    return registry.getMeters().stream()
        .filter(meter -> meter.getId().getName().startsWith("backoff."))
        .toList();
  }

  @Test
  void context_everyTable_hasMetersUntilItIsClosed() {
    for (int i = 0; i < 2; i++) {
      try (ConfigurableApplicationContext context = run("--backoff.tables.named.probe-lease=1s")) {
        Beans.<URI>table(context, "uris").recordFailure(URI.create("a"));

        assertThat(tracked())
            .extracting(meter -> meter.getId().getTag("table"))
            .containsExactlyInAnyOrder("named", "uris");
        assertThat(registry
                .get("backoff.peers.tracked")
                .tag("table", "uris")
                .gauge()
                .value())
            .isEqualTo(1);
      }
      assertThat(all()).isEmpty();
    }
  }

  @Test
  void context_anotherWithTheSameTablesAndRegistry_startsAndLeavesTheMetersOfTheFirst() {
    try (ConfigurableApplicationContext first = run()) {
      assertThat(first.isActive()).isTrue();
      List<Meter> meters = all();
      assertThat(meters).isNotEmpty();
      try (ConfigurableApplicationContext second = run()) {
        assertThat(second.isActive()).isTrue();
        assertThat(all()).isEqualTo(meters);
      }
      assertThat(all()).isEqualTo(meters);
    }
    assertThat(all()).isEmpty();
  }

  @Test
  void context_metricsDisabled_hasNoMeters() {
    try (ConfigurableApplicationContext context = run("--backoff.metrics.enabled=false")) {
      assertThat(context.isActive()).isTrue();
      assertThat(all()).isEmpty();
    }
  }
}
