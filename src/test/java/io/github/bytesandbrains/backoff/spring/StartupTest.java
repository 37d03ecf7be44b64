package io.github.bytesandbrains.backoff.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Tags;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.spi.ToolProvider;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * How much longer a web application with Actuator takes until it is ready if the library is on its
 * class path. Each start is a JVM of its own; the variants alternate. Run it with {@code
 * -Dstartup.pairs=20}, on a machine that does nothing else.
 *
 * <p>Most of that time is for the table and its meters, whoever makes them. So what is judged is
 * the auto-configuration, compared with beans that are written by hand, by the processor time of
 * the main thread, which does the work of a start. Starts of one application differ by 100 ms and
 * more, so the test fails only if three quarters of the pairs exceed the limit.
 */
@EnabledIfSystemProperty(named = "startup.pairs", matches = "[1-9][0-9]*")
@Tag("spring")
final class StartupTest {
  private static final int PAIRS = Integer.getInteger("startup.pairs", 1);
  private static final double LIMIT_MILLIS = 20;
  private static final String EXPOSED = "--management.endpoints.web.exposure.include=*";

  /** The application. It prints how long it took until it was ready. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    public static void main(String[] args) {
      start(Application.class, args);
    }

    static void start(Class<?> application, String[] args) {
      new SpringApplicationBuilder(application)
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

  /** The application with a table and its meters, but without the auto-configuration. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = BackoffAutoConfiguration.class)
  static class ByHand {
    public static void main(String[] args) {
      Application.start(ByHand.class, args);
    }

    @Bean
    ConcurrentBackoffTable<String> table() {
      return ConcurrentBackoffTable.create();
    }

    @Bean
    BackoffTableMetrics<String> meters(ConcurrentBackoffTable<String> table) {
      return new BackoffTableMetrics<>(table, "table", Tags.empty());
    }
  }

  private record Start(long cpuMillis, long wallMillis) {
    Start minus(Start base) {
      return new Start(cpuMillis - base.cpuMillis, wallMillis - base.wallMillis);
    }
  }

  /** One way to start, and how long it took. */
  private record Variant(
      Class<?> application, String classPath, List<String> arguments, List<Start> starts) {
    void start() throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-cp",
          classPath,
          application.getName(),
          "--spring.config.name=none",
          "--server.port=0",
          "--logging.level.root=warn"));
      command.addAll(arguments);
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(printed).isZero();
      String[] ready = printed
          .lines()
          .filter(line -> line.startsWith("ready "))
          .findFirst()
          .orElseThrow(() -> new AssertionError(printed))
          .split(" ", 3);
      starts.add(new Start(Long.parseLong(ready[1]), Long.parseLong(ready[2])));
    }

    /** Prints the differences; returns their lower quartile, of the main thread's time. */
    double leastMillisMoreThan(Variant base, String name) {
      List<Start> more = IntStream.range(0, starts.size())
          .mapToObj(i -> starts.get(i).minus(base.starts.get(i)))
          .toList();
      double least = quantile(more, Start::cpuMillis, 0.25);
      System.out.printf(
          "%-45s main thread %+4.0f ms (%+4.0f to %+4.0f), elapsed %+4.0f ms%n",
          name,
          median(more, Start::cpuMillis),
          least,
          quantile(more, Start::cpuMillis, 0.75),
          median(more, Start::wallMillis));
      return least;
    }
  }

  private static Variant variant(Class<?> application, String classPath, String... arguments) {
    return new Variant(application, classPath, List.of(arguments), new ArrayList<>());
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** In a directory the JVM would look for the classes of all other libraries, too. */
  private static Path jar(Path classes, Path dir) {
    Path jar = dir.resolve("library.jar");
    int status = ToolProvider.findFirst("jar")
        .orElseThrow()
        .run(System.out, System.err, "-cf", jar.toString(), "-C", classes.toString(), ".");
    assertThat(status).isZero();
    return jar;
  }

  private static double median(List<Start> starts, ToLongFunction<Start> time) {
    return quantile(starts, time, 0.5);
  }

  private static double quantile(List<Start> starts, ToLongFunction<Start> time, double share) {
    long[] sorted = starts.stream().mapToLong(time).sorted().toArray();
    double index = share * (sorted.length - 1);
    return (sorted[(int) Math.floor(index)] + sorted[(int) Math.ceil(index)]) / 2.0;
  }

  @Test
  void start_autoConfigured_takesLittleMoreThanByHand(@TempDir Path dir) throws Exception {
    Path classes = location(ConcurrentBackoffTable.class);
    Path caffeine = location(Caffeine.class);
    String all = System.getProperty("java.class.path");
    String without = Stream.of(all.split(File.pathSeparator, -1))
        .filter(element -> !Set.of(classes, caffeine).contains(Path.of(element)))
        .collect(joining(File.pathSeparator));
    String with =
        String.join(File.pathSeparator, without, jar(classes, dir).toString(), caffeine.toString());

    Variant none = variant(Application.class, without);
    Variant byHand = variant(ByHand.class, with);
    Variant full = variant(Application.class, with);
    Variant noneExposed = variant(Application.class, without, EXPOSED);
    Variant fullExposed = variant(Application.class, with, EXPOSED);
    List<Variant> variants = new ArrayList<>(List.of(none, byHand, full, noneExposed, fullExposed));
    for (int i = 0; i <= PAIRS; i++) {
      for (Variant variant : variants) {
        variant.start();
      }
      if (i == 0) { // it only filled the page cache
        variants.forEach(variant -> variant.starts.clear());
      }
      Collections.reverse(variants);
    }

    System.out.printf(
        "Median (and quartiles) of %d starts: main thread %.0f ms, elapsed %.0f ms; added:%n",
        PAIRS, median(none.starts, Start::cpuMillis), median(none.starts, Start::wallMillis));
    byHand.leastMillisMoreThan(none, "by hand, one table and its meters");
    full.leastMillisMoreThan(none, "auto-configured");
    fullExposed.leastMillisMoreThan(noneExposed, "auto-configured, all endpoints exposed");
    double least = full.leastMillisMoreThan(byHand, "auto-configured, compared with by hand");
    assertThat(least).isLessThanOrEqualTo(LIMIT_MILLIS);
  }
}
