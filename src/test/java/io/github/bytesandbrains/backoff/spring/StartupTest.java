package io.github.bytesandbrains.backoff.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Configuration;

/**
 * How much longer a web application with Actuator takes until it is ready if the library is on its
 * class path. Each start is a JVM of its own, alternately with the library and without it. Runs
 * with {@code -Dstartup.pairs=20}, on a machine that does nothing else. Judged by the processor time
 * of the main thread, which does the work of a start.
 */
@EnabledIfSystemProperty(named = "startup.pairs", matches = "[1-9][0-9]*")
@Tag("spring")
final class StartupTest {
  private static final int PAIRS = Integer.getInteger("startup.pairs", 1);
  private static final double LIMIT_MILLIS = 20;

  /** The application. It prints how long it took until it was ready. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    public static void main(String[] args) {
      new SpringApplicationBuilder(Application.class)
          .bannerMode(Banner.Mode.OFF)
          .listeners(event -> {
            if (event instanceof ApplicationReadyEvent ready) {
              long cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
              long started = ManagementFactory.getRuntimeMXBean().getStartTime();
              long wallMillis = System.currentTimeMillis() - started;
              System.out.println("ready " + cpuNanos / 1_000_000 + " " + wallMillis);
              System.exit(SpringApplication.exit(ready.getApplicationContext()));
            }
          })
          .run(args);
    }
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private record Start(long cpuMillis, long wallMillis) {}

  private static Start start(String classPath) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath,
            Application.class.getName(),
            "--spring.config.name=none",
            "--server.port=0",
            "--logging.level.root=warn",
            "--management.endpoints.web.exposure.include=*")
        .redirectErrorStream(true)
        .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    String[] ready = printed
        .lines()
        .filter(line -> line.startsWith("ready "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(printed))
        .split(" ", 3);
    return new Start(Long.parseLong(ready[1]), Long.parseLong(ready[2]));
  }

  private static double median(List<Start> starts, ToLongFunction<Start> time) {
    long[] sorted = starts.stream().mapToLong(time).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2.0;
  }

  @Test
  void start_libraryOnTheClassPath_takesAtMostTwentyMillisecondsMore() throws Exception {
    List<String> with =
        List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));
    Set<String> library = Set.of(location(ConcurrentBackoffTable.class), location(Caffeine.class));
    String without = with.stream()
        .filter(element -> !library.contains(element))
        .collect(joining(File.pathSeparator));
    String all = String.join(File.pathSeparator, with);
    start(all); // fills the page cache
    start(without);

    List<Start> base = new ArrayList<>();
    List<Start> differences = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      boolean libraryFirst = i % 2 == 0;
      Start first = start(libraryFirst ? all : without);
      Start second = start(libraryFirst ? without : all);
      Start plain = libraryFirst ? second : first;
      Start full = libraryFirst ? first : second;
      base.add(plain);
      differences.add(
          new Start(full.cpuMillis - plain.cpuMillis, full.wallMillis - plain.wallMillis));
    }

    double cpuMillis = median(differences, Start::cpuMillis);
    System.out.printf(
        "Until ready, median of %d pairs: main thread %.0f ms %+.0f ms, elapsed %.0f ms %+.0f ms%n",
        PAIRS,
        median(base, Start::cpuMillis),
        cpuMillis,
        median(base, Start::wallMillis),
        median(differences, Start::wallMillis));
    assertThat(cpuMillis).isLessThanOrEqualTo(LIMIT_MILLIS);
  }
}
