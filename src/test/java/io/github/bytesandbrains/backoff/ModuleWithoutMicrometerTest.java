package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's module whose module graph has no library but Caffeine, and no java.net.http. */
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
          ModuleLayer layer = Main.class.getModule().getLayer();
          System.out.println(layer.findModule("micrometer.core").isPresent());
          System.out.println(layer.findModule("io.grpc").isPresent());
          System.out.println(layer.findModule("lettuce.core").isPresent());
          System.out.println(layer.findModule("java.net.http").isPresent());
          System.out.println(layer.findModule("spring.core").isPresent());
        }
      }
      """;

  private UserModule module;

  @BeforeEach
  void createModule(@TempDir Path dir) {
    module = new UserModule(dir, ConcurrentBackoffTable.class, Caffeine.class);
  }

  @Test
  void module_onlyLibraryAndCaffeineOnThePath_compilesWithoutWarningAndRuns() throws Exception {
    assertThat(module.compile("module app { requires io.github.bytesandbrains.backoff; }", MAIN))
        .isEmpty();

    assertThat(module.run())
        .containsExactly(
            "a FAILED", "cooling", "reply 1", "false", "false", "false", "false", "false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"micrometer.core", "io.grpc", "lettuce.core", "spring.context"})
  void module_thatNeedsAMissingOneToo_doesNotCompile(String missing) throws Exception {
    String moduleInfo =
        "module app { requires io.github.bytesandbrains.backoff; requires " + missing + "; }";

    assertThat(module.compile(moduleInfo, MAIN))
        .singleElement()
        .asString()
        .contains("module not found: " + missing);
  }
}
