package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which libraries the root package depends on, on the class path and as a module. */
@Tag("artifact")
final class DependenciesTest {
  private static final String ROOT = "io.github.bytesandbrains.backoff";
  private static final Pattern EDGE = Pattern.compile("^ +(\\S+) +-> (\\S+) ");

  @Test
  void rootPackage_everyClass_reachesOnlyItselfJavaBaseCaffeineAndJSpecify() throws Exception {
    Set<String> reached = new TreeSet<>();
    jdeps()
        .lines()
        .map(EDGE::matcher)
        .filter(Matcher::find)
        .filter(edge -> packageOf(edge.group(1)).equals(ROOT))
        .forEach(edge -> reached.add(packageOf(edge.group(2))));

    assertThat(reached)
        .contains(ROOT, "java.lang", "com.github.benmanes.caffeine.cache")
        .allMatch(name -> name.equals(ROOT)
            || name.equals("com.github.benmanes.caffeine.cache")
            || name.equals("org.jspecify.annotations")
            || isOfJavaBase(name));
  }

  @Test
  void rootPackage_classesExceptTheIndex_doNotUseCaffeine() throws Exception {
    Set<String> users = new TreeSet<>();
    jdeps()
        .lines()
        .map(EDGE::matcher)
        .filter(Matcher::find)
        .filter(edge -> edge.group(2).startsWith("com.github.benmanes"))
        .forEach(edge -> users.add(edge.group(1).replaceFirst("\\$.*", "")));

    assertThat(users).containsExactly(ROOT + ".IdleIndex");
  }

  @Test
  void table_noMicrometerOnTheClassPath_loadsAndWorks() throws Exception {
    URL[] urls = {
      location(ConcurrentBackoffTable.class).toUri().toURL(), // no Micrometer, no JSpecify
      location(Caffeine.class).toUri().toURL()
    };
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      assertWorksIn(loader);
    }
  }

  @Test
  void table_noMicrometerOnTheModulePath_loadsAndWorks() throws Exception {
    ModuleFinder finder =
        ModuleFinder.of(location(ConcurrentBackoffTable.class), location(Caffeine.class));
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(finder, ModuleFinder.of(), Set.of(ROOT));
    ModuleLayer layer =
        boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());

    assertWorksIn(layer.findLoader(ROOT));

    Module module = layer.findModule(ROOT).orElseThrow();
    assertThat(module.getDescriptor().exports())
        .allSatisfy(export -> assertThat(export.isQualified()).isFalse())
        .extracting(ModuleDescriptor.Exports::source)
        .contains(ROOT, ROOT + ".grpc", ROOT + ".micrometer", ROOT + ".redis", ROOT + ".spring");
    assertThat(module.getDescriptor().requires())
        .extracting(Object::toString)
        .anyMatch(requires -> requires.contains("static") && requires.contains("micrometer.core"))
        .anyMatch(requires -> requires.contains("static") && requires.contains("io.grpc"))
        .anyMatch(requires -> requires.contains("static") && requires.contains("lettuce.core"))
        .noneMatch(requires -> !requires.contains("static") && requires.contains("lettuce"))
        .anyMatch(requires -> requires.contains("static") && requires.contains("spring.boot"))
        .noneMatch(requires -> !requires.contains("static") && requires.contains("micrometer"))
        .noneMatch(requires -> !requires.contains("static") && requires.contains("io.grpc"))
        .noneMatch(requires -> !requires.contains("static") && requires.contains("spring"))
        .noneMatch(requires -> requires.contains("transitive"));
  }

  private static void assertWorksIn(ClassLoader loader) throws Exception {
    Class<?> type = loader.loadClass(ConcurrentBackoffTable.class.getName());
    assertThat(type).isNotSameAs(ConcurrentBackoffTable.class);
    assertThat(type.getClassLoader().getResource("io/micrometer/core/instrument/Meter.class"))
        .isNull();
    assertThat(type.getClassLoader().getResource("io/grpc/Channel.class")).isNull();
    assertThat(type.getClassLoader().getResource("io/lettuce/core/RedisClient.class"))
        .isNull();
    assertThat(type.getClassLoader().getResource("org/springframework/core/SpringVersion.class"))
        .isNull();
    assertThat(NullMarked.class.getClassLoader()).isNotSameAs(loader);

    Object table = type.getMethod("create").invoke(null);
    type.getMethod("recordFailure", Object.class, long.class).invoke(table, "a", 100L);

    assertThat(type.getMethod("shouldRetry", Object.class, long.class).invoke(table, "a", 101L))
        .isEqualTo(false);
    assertThat(type.getMethod("size").invoke(table)).isEqualTo(1);
    type.getMethod("cleanUp", long.class).invoke(table, Long.MAX_VALUE);
    assertThat(type.getMethod("size").invoke(table)).isEqualTo(0);
  }

  private static String jdeps() throws URISyntaxException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = ToolProvider.findFirst("jdeps")
        .orElseThrow()
        .run(
            new PrintWriter(out),
            new PrintWriter(err),
            "-verbose:class",
            "--ignore-missing-deps",
            "--multi-release",
            "base",
            "-filter:none",
            "--module-path",
            location(Caffeine.class)
                + System.getProperty("path.separator")
                + location(MeterRegistry.class)
                + System.getProperty("path.separator")
                + location(NullMarked.class),
            location(ConcurrentBackoffTable.class).toString());
    assertThat(exit).as(err.toString()).isZero();
    return out.toString();
  }

  private static Path location(Class<?> type) throws URISyntaxException {
    URI uri = type.getProtectionDomain().getCodeSource().getLocation().toURI();
    return Path.of(uri);
  }

  private static String packageOf(String className) {
    return className.substring(0, className.lastIndexOf('.'));
  }

  private static boolean isOfJavaBase(String packageName) {
    return Object.class.getModule().getPackages().contains(packageName);
  }
}
