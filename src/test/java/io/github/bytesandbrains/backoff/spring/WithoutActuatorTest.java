package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application with {@code spring-boot-starter} alone. */
@Tag("spring")
final class WithoutActuatorTest {
  /** What the starter brings, the library, what that needs, and the test. */
  private static final Pattern STARTER = Pattern.compile(
      "spring-(boot|boot-autoconfigure|core|context|beans|aop|expression|jcl)-[0-9].*"
          + "|(caffeine|snakeyaml|logback|slf4j|commons-logging|jspecify).*"
          + "|micrometer-(observation|commons).*|classes|test-classes");

  @TempDir
  private Path snapshots;

  @Test
  void application_noActuatorNoMicrometerNoWeb_hasTablesAndSnapshots() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path element = Path.of(path);
      if (STARTER.matcher(element.getFileName().toString()).matches()) {
        urls.add(element.toUri().toURL());
      }
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(loader);
      Class<?> application = loader.loadClass(PlainApplication.class.getName());
      assertThat(loader.getResource("io/micrometer/core/instrument/Meter.class"))
          .isNull();

      Object beans = application.getMethod("run", String[].class).invoke(null, (Object)
          new String[] {
            "--spring.config.name=none",
            "--backoff.health.maximum-cooling=1",
            "--backoff.snapshot.directory=" + snapshots
          });

      assertThat(beans)
          .isEqualTo(List.of(
              "backoff-io.github.bytesandbrains.backoff.spring.BackoffProperties",
              "backoffTable",
              "backoffTableBuilder",
              "backoffTableFactory",
              "backoffTableSnapshots"));
      assertThat(snapshots).isDirectoryContaining("glob:**/backoffTable.backoff");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
