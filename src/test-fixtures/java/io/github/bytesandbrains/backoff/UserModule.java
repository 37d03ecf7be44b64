package io.github.bytesandbrains.backoff;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A module {@code app} with a class {@code app.Main}, as a user of the library might have. */
public final class UserModule {
  private final Path dir;
  private final String modulePath;

  /** @param libraries a class of each library that is on the module path */
  public UserModule(Path dir, Class<?>... libraries) {
    this.dir = dir;
    modulePath = Stream.of(libraries)
        .map(UserModule::location)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Returns the compiler's errors and warnings. */
  public List<String> compile(String moduleInfo, String main) throws IOException {
    Path source = Files.createDirectories(dir.resolve("source"));
    Path moduleFile = Files.writeString(source.resolve("module-info.java"), moduleInfo);
    Path mainFile = Files.createDirectories(source.resolve("app")).resolve("Main.java");
    Files.writeString(mainFile, main);
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
                  // Most libraries are automatic modules.
                  "-Xlint:all,-requires-automatic",
                  "-Werror",
                  "-p",
                  modulePath,
                  "-d",
                  classes().toString()),
              null,
              files.getJavaFileObjects(moduleFile, mainFile))
          .call();
      assertThat(compiled).isEqualTo(diagnostics.getDiagnostics().isEmpty());
    }
    assertThat(out.toString()).isEmpty();
    return diagnostics.getDiagnostics().stream().map(Diagnostic::toString).toList();
  }

  /** Returns what the module prints, including warnings of its JVM. */
  public List<String> run() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-p",
            classes() + File.pathSeparator + modulePath,
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

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
