package io.github.bytesandbrains.backoff;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The public and protected signatures of every exported package, as {@code javap} prints them, but
 * without the packages of the JDK and the root package. A change of the API is a diff of {@code
 * api.txt}, which {@code -Dapi.write} rewrites.
 */
@Tag("artifact")
final class PublicApiTest {
  private static final Path CLASSES = Path.of("target", "classes");
  private static final String ROOT_PREFIX =
      ConcurrentBackoffTable.class.getPackageName().replace(".", "\\.") + "\\.";
  private static final Path FILE = Path.of("src", "test", "resources", "api.txt");

  @Test
  void exportedPackages_everySignature_isAsInTheFile() throws IOException {
    StringBuilder api = new StringBuilder();
    for (String packageName : exportedPackages()) {
      for (Path type : accessibleTypes(packageName)) {
        api.append(signatures(type));
      }
    }
    assertThat(api).contains("public final class ConcurrentBackoffTable<P> {");

    if (System.getProperty("api.write") != null) {
      Files.writeString(FILE, api);
    }
    assertThat(FILE)
        .as("mvn test -Dtest=PublicApiTest -Dapi.write rewrites this file")
        .hasContent(api.toString());
  }

  private static List<String> exportedPackages() throws IOException {
    try (InputStream info = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
      return ModuleDescriptor.read(info).exports().stream()
          .map(ModuleDescriptor.Exports::source)
          .sorted()
          .toList();
    }
  }

  private static List<Path> accessibleTypes(String packageName) throws IOException {
    try (Stream<Path> files = Files.list(CLASSES.resolve(packageName.replace('.', '/')))) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(file -> !file.endsWith("package-info.class"))
          .filter(file -> isAccessible(packageName, file))
          .sorted(Comparator.comparing(file -> file.toString().replace(".class", "")))
          .toList();
    }
  }

  private static boolean isAccessible(String packageName, Path file) {
    String name = packageName + "." + file.getFileName().toString().replace(".class", "");
    try {
      Class<?> type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
      while (type != null && (type.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0) {
        type = type.getEnclosingClass();
      }
      return type == null;
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static String signatures(Path type) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    int exit = ToolProvider.findFirst("javap")
        .orElseThrow()
        .run(writer, writer, "-protected", type.toString());
    assertThat(exit).as(out.toString()).isZero();
    List<String> lines = out.toString()
        .lines()
        .filter(line -> !line.startsWith("Compiled from"))
        .map(line -> line.replace(" synchronized ", " "))
        .map(line -> line.replaceAll("\\bjava\\.([a-z]+\\.)+|" + ROOT_PREFIX, ""))
        .toList();
    List<String> members = lines.subList(1, lines.size() - 1).stream().sorted().toList();
    return Stream.of(lines.subList(0, 1), members, List.of("}", ""))
        .flatMap(List::stream)
        .collect(joining("\n", "", "\n"));
  }
}
