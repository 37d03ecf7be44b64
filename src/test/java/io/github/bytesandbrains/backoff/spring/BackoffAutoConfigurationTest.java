package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.Outcome;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.ResolvableType;
import org.springframework.javapoet.ClassName;

/** Which beans there are, and with which options. */
@Tag("spring")
final class BackoffAutoConfigurationTest {
  private static final String ROOT = "io.github.bytesandbrains.backoff";

  private final ApplicationContextRunner runner = new ApplicationContextRunner()
      .withConfiguration(AutoConfigurations.of(BackoffAutoConfiguration.class));

  private static Map<String, ConcurrentBackoffTable<?>> tables(ListableBeanFactory beans) {
    @SuppressWarnings({"unchecked", "rawtypes"}) // of any peers
    Map<String, ConcurrentBackoffTable<?>> tables =
        (Map) beans.getBeansOfType(ConcurrentBackoffTable.class);
    return tables;
  }

  private static void assertEqualOptions(
      ConcurrentBackoffTable<?> table, ConcurrentBackoffTable<?> expected) {
    assertThat(table.schedule()).hasToString(expected.schedule().toString());
    assertThat(table.maxAdvisory()).isEqualTo(expected.maxAdvisory());
    assertThat(table.advisoryJitter()).isEqualTo(expected.advisoryJitter());
    assertThat(table.probeLease()).isEqualTo(expected.probeLease());
    assertThat(table.idleTimeout()).isEqualTo(expected.idleTimeout());
    assertThat(table.maximumPeers()).isEqualTo(expected.maximumPeers());
  }

  @Test
  void context_noProperties_hasOneTableWithTheDefaults() {
    runner.run(context -> {
      assertThat(tables(context)).containsOnlyKeys("backoffTable");
      assertEqualOptions(
          context.getBean("backoffTable", ConcurrentBackoffTable.class),
          ConcurrentBackoffTable.create());
    });
  }

  @Test
  void context_everyProperty_reachesTheTable() {
    runner
        .withPropertyValues(
            "backoff.schedule.initial-delay=20ms",
            "backoff.schedule.max-delay=5s",
            "backoff.schedule.multiplier=3",
            "backoff.schedule.jitter=equal",
            "backoff.max-advisory=10m",
            "backoff.advisory-jitter=0.1",
            "backoff.probe-lease=7s",
            "backoff.idle-timeout=1h",
            "backoff.maximum-peers=1000")
        .run(context -> assertEqualOptions(
            context.getBean(ConcurrentBackoffTable.class),
            ConcurrentBackoffTable.builder()
                .schedule(
                    BackoffSchedule.exponential(Duration.ofMillis(20), Duration.ofSeconds(5), 3)
                        .withJitter(Jitter.equal()))
                .maxAdvisory(Duration.ofMinutes(10))
                .advisoryJitter(0.1)
                .probeLease(Duration.ofSeconds(7))
                .idleTimeout(Duration.ofHours(1))
                .maximumPeers(1000)
                .build()));
  }

  @Test
  void context_namedTables_areBeansWithTheCommonOptionsAndTheirOwn() {
    runner
        .withPropertyValues(
            "backoff.schedule.max-delay=5s",
            "backoff.schedule.jitter=full",
            "backoff.probe-lease=7s",
            "backoff.tables.payments.schedule.initial-delay=1s",
            "backoff.tables.payments.probe-lease=3s",
            "backoff.tables.search.maximum-peers=10")
        .withUserConfiguration(TwoClients.class)
        .run(context -> {
          assertThat(tables(context)).containsOnlyKeys("payments", "search");
          ConcurrentBackoffTable<?> payments =
              context.getBean("payments", ConcurrentBackoffTable.class);
          assertThat(payments.schedule().toString()).contains("PT1S, PT5S", "full");
          assertThat(payments.probeLease()).isEqualTo(Duration.ofSeconds(3));
          ConcurrentBackoffTable<?> search =
              context.getBean("search", ConcurrentBackoffTable.class);
          assertThat(search.schedule().toString()).contains("PT0.01S, PT5S", "full");
          assertThat(search.probeLease()).isEqualTo(Duration.ofSeconds(7));
          assertThat(search.maximumPeers()).isEqualTo(10);
          assertThat(context.getBean(TwoClients.Clients.class))
              .isEqualTo(new TwoClients.Clients(payments, search));
        });
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoClients {
    record Clients(ConcurrentBackoffTable<?> payments, ConcurrentBackoffTable<?> search) {}

    @Bean // by the names of the parameters
    Clients clients(
        ConcurrentBackoffTable<String> payments, ConcurrentBackoffTable<String> search) {
      return new Clients(payments, search);
    }
  }

  @Test
  void context_tableOfTheApplication_replacesTheOneByDefault() {
    runner
        .withPropertyValues("backoff.probe-lease=7s")
        .withUserConfiguration(OwnTable.class)
        .run(context -> {
          assertThat(tables(context)).containsOnlyKeys("uris");
          ConcurrentBackoffTable<?> table = context.getBean(ConcurrentBackoffTable.class);
          assertThat(table.probeLease()).isEqualTo(Duration.ofSeconds(7));
          assertThat(table.maximumPeers()).isEqualTo(5);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"uris", "urls"})
  void context_tableOfTheApplicationWithTheNameOfAConfiguredOne_wins(String name) {
    runner
        .withPropertyValues("backoff.tables." + name + ".maximum-peers=10")
        .withUserConfiguration(OwnTable.class)
        .run(context -> {
          assertThat(tables(context)).containsOnlyKeys("uris");
          assertThat(context.getBean(ConcurrentBackoffTable.class).maximumPeers())
              .isEqualTo(5);
        });
  }

  @Test
  void context_tableOfTheApplicationAndTheDefaultOneByName_hasBoth() {
    runner
        .withPropertyValues("backoff.tables.backoffTable=")
        .withUserConfiguration(OwnTable.class)
        .run(context -> assertThat(tables(context)).containsOnlyKeys("uris", "backoffTable"));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnTable {
    @Bean({"uris", "urls"})
    ConcurrentBackoffTable<URI> uris(BackoffTableBuilder builder) {
      return builder.maximumPeers(5).build();
    }
  }

  @Test
  void context_builderOfTheApplication_isThatOfEveryTable() {
    runner
        .withPropertyValues(
            "backoff.tables.a.maximum-peers=10", "backoff.tables.b.maximum-peers=20")
        .withUserConfiguration(OwnBuilder.class)
        .run(context -> {
          assertThat(tables(context)).containsOnlyKeys("a", "b");
          assertThat(tables(context).values())
              .extracting(ConcurrentBackoffTable::probeLease)
              .containsOnly(Duration.ofSeconds(9));
          assertThat(Beans.table(context, "b").maximumPeers()).isEqualTo(20);
        });
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnBuilder {
    @Bean
    @Scope("prototype")
    BackoffTableBuilder builder() {
      return ConcurrentBackoffTable.builder()
          .throwableClassifier(thrown -> Outcome.failure())
          .probeLease(Duration.ofSeconds(9));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"clients", "environment"})
  void context_otherBeanWithTheNameOfATable_failsWithItsName(String name) {
    runner
        .withPropertyValues("backoff.tables." + name + ".maximum-peers=10")
        .withBean("clients", String.class, () -> "not a table")
        .withAllowBeanDefinitionOverriding(true)
        .run(context -> assertThat(context)
            .getFailure()
            .hasMessageContaining("backoff.tables")
            .hasMessageContaining("name: " + name + " (expected: one that no other bean has)"));
  }

  @Test
  void context_parentWithTheSameProperties_sharesItsTables() {
    ApplicationContextRunner named = runner.withPropertyValues("backoff.tables.a.maximum-peers=10");
    named.run(parent -> named
        .withParent(parent)
        .run(child -> assertThat(Beans.table(child, "a")).isSameAs(Beans.table(parent, "a"))));
  }

  @Test
  void context_namedTableWithoutOptions_hasTheCommonOnes() {
    runner.withPropertyValues("backoff.probe-lease=7s", "backoff.tables.a=").run(context -> {
      assertThat(tables(context)).containsOnlyKeys("a");
      assertThat(Beans.table(context, "a").probeLease()).isEqualTo(Duration.ofSeconds(7));
    });
  }

  @Test
  void context_builderOfTheApplicationThatIsASingleton_fails() {
    runner
        .withPropertyValues("backoff.tables.a.maximum-peers=10", "backoff.tables.b.probe-lease=1s")
        .withBean(BackoffTableBuilder.class, ConcurrentBackoffTable::builder)
        .run(context -> assertThat(context)
            .getFailure()
            .rootCause()
            .hasMessageContaining("singleton (expected: prototype)"));
  }

  @Test
  void context_tableOfUnknownPeers_isShownButNeverSteered() {
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=backoff")
        .withBean("raw", ConcurrentBackoffTable.class, ConcurrentBackoffTable::create)
        .withUserConfiguration(WildcardTable.class)
        .run(context -> {
          BackoffEndpoint endpoint = context.getBean(BackoffEndpoint.class);
          assertThat(endpoint.tables().tables()).containsOnlyKeys("raw", "wildcard");
          assertThat(endpoint.peer("raw", "a")).isNull();
          assertThat(endpoint.peer("wildcard", "a")).isNull();
        });
  }

  @Test
  void context_mapOfTablesWithTheNameOfAParameter_replacesNoTable() {
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=backoff")
        .withUserConfiguration(MapOfTables.class)
        .run(context -> assertThat(context.getBean(BackoffEndpoint.class).peer("backoffTable", "a"))
            .isNotNull());
  }

  @Configuration(proxyBeanMethods = false)
  static class MapOfTables {
    @Bean
    Map<String, ConcurrentBackoffTable<String>> steered() {
      return Map.of("own", ConcurrentBackoffTable.create());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class WildcardTable {
    @Bean
    ConcurrentBackoffTable<?> wildcard(BackoffTableBuilder builder) {
      return builder.<URI>build();
    }
  }

  @Test
  void context_tableOfStrings_isInjectedByItsGenericType() {
    runner.withPropertyValues("backoff.tables.a.probe-lease=1s").run(context -> {
      ResolvableType strings =
          ResolvableType.forClassWithGenerics(ConcurrentBackoffTable.class, String.class);
      ResolvableType uris =
          ResolvableType.forClassWithGenerics(ConcurrentBackoffTable.class, URI.class);
      assertThat(context.getBeanNamesForType(strings)).containsExactly("a");
      assertThat(context.getBeanNamesForType(uris)).isEmpty();
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "off", "no", "0"})
  void context_disabled_hasNothing(String no) {
    runner.withPropertyValues("backoff.enabled=" + no).run(context -> {
      assertThat(tables(context)).isEmpty();
      assertThat(context.getBeanDefinitionNames()).noneMatch(name -> name.contains(ROOT));
    });
  }

  @Test
  void aheadOfTime_everyKindOfBean_isGenerated() {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    TestPropertyValues.of(
            "backoff.tables[a.b].probe-lease=1s",
            "backoff.snapshot.directory=target/none",
            "backoff.health.maximum-cooling=1",
            "backoff.redis.enabled=true",
            "management.endpoints.web.exposure.include=backoff")
        .applyTo(context);
    context.register(BackoffAutoConfiguration.class);
    InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
    DefaultGenerationContext generation = new DefaultGenerationContext(
        new ClassNameGenerator(ClassName.get("application", "Application")), files);

    new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
    generation.writeGeneratedContent();

    assertThat(files.getGeneratedFiles(Kind.SOURCE).keySet())
        .anyMatch(name -> name.contains(BackoffAutoConfiguration.class.getSimpleName()));
  }
}
