package io.github.bytesandbrains.backoff.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.UserModule;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's module that requires the JDK's HTTP client, and one that lacks it. */
@Tag("artifact")
final class ModuleWithHttpTest {
  private static final String MAIN = """
      package app;

      import io.github.bytesandbrains.backoff.*;
      import io.github.bytesandbrains.backoff.http.*;
      import java.net.URI;
      import java.net.http.*;
      import java.time.Duration;

      public final class Main {
        public static void main(String[] args) throws Exception {
          ConcurrentBackoffTable<String> table =
              ConcurrentBackoffTable.builder().nanoTime(() -> 0).build();
          HttpClient client = BackoffHttpClient.builder(
                  HttpClient.newHttpClient(),
                  table,
                  request -> BackoffHttpClient.origin(request.uri()))
              .outcomes(HttpOutcomes.serverErrors())
              .build();
          table.postpone("http://localhost:1", Duration.ofHours(1));
          try {
            client.send(
                HttpRequest.newBuilder(URI.create("http://localhost:1")).build(),
                HttpResponse.BodyHandlers.discarding());
          } catch (PeerCoolingIOException e) {
            System.out.println(e.getMessage());
          }
          ModuleLayer layer = Main.class.getModule().getLayer();
          System.out.println(layer.findModule("micrometer.core").isPresent());
        }
      }
      """;

  @TempDir
  Path dir;

  private UserModule module;

  @BeforeEach
  void prepare() {
    module = new UserModule(dir, ConcurrentBackoffTable.class, Caffeine.class);
  }

  @Test
  void module_thatRequiresTheHttpClient_compilesWithoutWarningAndUsesIt() throws Exception {
    String moduleInfo =
        "module app { requires io.github.bytesandbrains.backoff; requires java.net.http; }";

    assertThat(module.compile(moduleInfo, MAIN)).isEmpty();

    assertThat(module.run())
        .containsExactly("http://localhost:1 is cooling for another PT1H", "false");
  }

  @Test
  void module_thatLacksTheHttpClient_doesNotCompileAgainstItsPackage() throws Exception {
    assertThat(module.compile("module app { requires io.github.bytesandbrains.backoff; }", MAIN))
        .first()
        .asString()
        .contains("java.net.http");
  }
}
