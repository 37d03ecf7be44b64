package io.github.bytesandbrains.backoff;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's module that has neither Micrometer nor JSpecify on its module path. */
@Tag("artifact")
final class ModuleWithoutMicrometerTest {
  /** Uses annotated methods, callbacks, nested types and exceptions of the library. */
  private static final String MAIN = """
      package app;

      import io.github.bytesandbrains.backoff.*;
      import java.time.Duration;

      public final class Main {
        public static void main(String[] args) throws Exception {
          ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
              .schedule(BackoffSchedule.exponential(Duration.ofHours(1), Duration.ofHours(2))
                  .withJitter(Jitter.equal()))
              .throwableClassifier(Outcome::of)
              .build();
          AutoCloseable listener = table.addListener(
              (peer, change, state) -> System.out.println(peer + " " + change));
          Permit permit = table.acquire("a");
          try (permit) {
            throw new java.io.IOException("refused by " + permit);
          } catch (java.io.IOException e) {
            permit.recordFailure();
          }
          listener.close();
          try {
            table.call("a", () -> "reply");
          } catch (PeerCoolingException e) {
            System.out.println("cooling");
          }
          table.replaceState("a", table.state("a").orElse(null), null);
          System.out.println(table.call("a", () -> "reply") + " " + table.stats().failures());
          table.cleanUp();
          System.out.println(Main.class.getModule().getLayer().findModule("micrometer.core")
              .isPresent());
        }
      }
      """;

  @TempDir
  private Path dir;

  @Test
  void module_onlyLibraryAndCaffeineOnThePath_compilesWithoutWarningAndRuns() throws Exception {
    assertThat(compile("module app { requires io.github.bytesandbrains.backoff; }"))
        .isEmpty();

    assertThat(run()).isEqualTo(List.of("a FAILED", "cooling", "reply 1", "false"));
  }

  @Test
  void module_thatNeedsMicrometerToo_doesNotCompile() throws Exception {
    assertThat(compile("module app {"
            + " requires io.github.bytesandbrains.backoff; requires micrometer.core; }"))
        .singleElement()
        .asString()
        .contains("module not found: micrometer.core");
  }

  /** Returns the compiler's errors and warnings. */
  private List<String> compile(String moduleInfo) throws IOException, URISyntaxException {
    Path source = Files.createDirectories(dir.resolve("source"));
    Path info = Files.writeString(source.resolve("module-info.java"), moduleInfo);
    Path main = Files.createDirectories(source.resolve("app")).resolve("Main.java");
    Files.writeString(main, MAIN);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    StringWriter out = new StringWriter();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, UTF_8)) {
      boolean compiled = compiler
          .getTask(
              out,
              files,
              diagnostics,
              List.of(
                  "-Xlint:all", "-Werror", "-p", modulePath(), "-d", classes().toString()),
              null,
              files.getJavaFileObjects(info, main))
          .call();
      assertThat(compiled).isEqualTo(diagnostics.getDiagnostics().isEmpty());
    }
    assertThat(out.toString()).isEmpty();
    return diagnostics.getDiagnostics().stream().map(Diagnostic::toString).toList();
  }

  /** Returns what the module prints, including warnings of its JVM. */
  private List<String> run() throws IOException, InterruptedException, URISyntaxException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-p",
            classes() + File.pathSeparator + modulePath(),
            "-m",
            "app/app.Main")
        .redirectErrorStream(true)
        .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.lines().toList();
  }

  private Path classes() {
    return dir.resolve("classes");
  }

  private static String modulePath() throws URISyntaxException {
    Path library = location(ConcurrentBackoffTable.class);
    Path caffeine = location(Caffeine.class);
    return String.join(
        File.pathSeparator, Stream.of(library, caffeine).map(Path::toString).toList());
  }

  private static Path location(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
