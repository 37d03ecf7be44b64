package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What survives a restart of the application context. */
@Tag("spring")
@ExtendWith(OutputCaptureExtension.class)
final class TableSnapshotsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir
  private Path dir;

  private ApplicationContextRunner runner;

  @BeforeEach
  void createRunner() {
    runner = new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(BackoffAutoConfiguration.class))
        .withPropertyValues("backoff.snapshot.directory=" + dir.resolve("snapshots"));
  }

  /** Asks before the application context has started. */
  @Configuration(proxyBeanMethods = false)
  static class Asking {
    record Asked(boolean shouldRetry) {}

    @Bean
    Asked asked(ConcurrentBackoffTable<String> table) {
      return new Asked(table.shouldRetry("slow"));
    }
  }

  private static ConcurrentBackoffTable<String> table(BeanFactory beans, String name) {
    return Beans.table(beans, name);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void restart_coolingPeer_isKnownToTheFirstBeanThatAsks(boolean lazy) {
    ApplicationContextRunner asking = runner
        .withUserConfiguration(Asking.class)
        .withInitializer(context -> {
          if (lazy) {
            context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
          }
        });

    asking.run(context -> {
      assertThat(context.getBean(Asking.Asked.class).shouldRetry()).isTrue();
      table(context, "backoffTable").postpone("slow", HOUR);
    });

    asking.run(
        context -> assertThat(context.getBean(Asking.Asked.class).shouldRetry()).isFalse());
  }

  @Test
  void restart_severalTables_eachHasItsOwnFile() {
    ApplicationContextRunner several = runner.withPropertyValues(
        "backoff.tables.a.probe-lease=1s", "backoff.tables[../b c].probe-lease=1s");

    several.run(context -> {
      table(context, "a").postpone("of a", HOUR);
      table(context, "../b c").postpone("of b", HOUR);
    });

    assertThat(dir).isDirectoryRecursivelyContaining("glob:**/snapshots/a.backoff");
    assertThat(dir).isDirectoryRecursivelyContaining("glob:**/snapshots/..%2Fb+c.backoff");
    several.run(context -> {
      assertThat(table(context, "a").snapshot()).containsOnlyKeys("of a");
      assertThat(table(context, "../b c").snapshot()).containsOnlyKeys("of b");
    });
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnTables {
    @Bean
    ConcurrentBackoffTable<URI> uris(BackoffTableBuilder builder) {
      return builder.build();
    }

    @Bean
    ConcurrentBackoffTable<String> hosts(BackoffTableBuilder builder) {
      return builder.build();
    }
  }

  @Test
  void stop_tablesOfTheApplication_thoseOfStringsAreSaved() {
    runner.withUserConfiguration(OwnTables.class).run(context -> {
      table(context, "hosts").postpone("slow", HOUR);
      Beans.<URI>table(context, "uris").recordFailure(URI.create("http://localhost"));
    });

    assertThat(dir.resolve("snapshots")).isDirectoryContaining("glob:**/hosts.backoff");
    assertThat(dir.resolve("snapshots").resolve("uris.backoff")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void interval_contextRuns_isSaved(boolean virtualThreads) {
    VirtualThreads.assumePresent(virtualThreads);
    runner
        .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
        .withPropertyValues(
            "backoff.snapshot.interval=10ms", VirtualThreads.ENABLED + virtualThreads)
        .run(context -> {
          VirtualThreads.runTask(
              context, virtualThreads, () -> table(context, "backoffTable").postpone("slow", HOUR));

          Path file = dir.resolve("snapshots").resolve("backoffTable.backoff");
          await().untilAsserted(() -> assertThat(file).content().contains("slow"));
        });
  }

  @Test
  void start_damagedFile_startsEmptyAndReplacesIt() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("snapshots"));
    Path file = Files.writeString(folder.resolve("backoffTable.backoff"), "damaged");

    runner.run(context -> {
      assertThat(table(context, "backoffTable").isEmpty()).isTrue();
      table(context, "backoffTable").postpone("slow", HOUR);
    });

    assertThat(file).content().contains("slow").doesNotContain("damaged");
  }

  @Test
  void start_directoryThatIsAFile_startsAndStops() throws IOException {
    Path file = Files.writeString(dir.resolve("snapshots"), "a file");

    runner
        .withPropertyValues("backoff.snapshot.interval=1ms")
        .run(context -> assertThat(context).hasNotFailed());

    assertThat(file).hasContent("a file");
  }

  @Test
  void stop_fileThatCannotBeWritten_isLogged(CapturedOutput output) throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "a file");
    SpringApplication application = new SpringApplication(Plain.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    ConfigurableApplicationContext context =
        application.run("--spring.config.name=none", "--backoff.snapshot.directory=" + file);
    assertThat(output).doesNotContain("was not saved");

    context.close();

    assertThat(output).contains("The snapshot was not saved: " + file);
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(BackoffAutoConfiguration.class)
  static class Plain {}

  @Test
  void start_noDirectory_savesNothing() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(BackoffAutoConfiguration.class))
        .run(context -> assertThat(context).doesNotHaveBean("backoffTableSnapshots"));
  }
}
