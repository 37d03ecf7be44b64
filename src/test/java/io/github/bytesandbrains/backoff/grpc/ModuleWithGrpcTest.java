package io.github.bytesandbrains.backoff.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.base.Preconditions;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.UserModule;
import io.grpc.Channel;
import io.micrometer.common.util.StringUtils;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modules of users that have gRPC, or other integrations without it. */
@Tag("artifact")
final class ModuleWithGrpcTest {
  private static final String CALL = """
      package app;

      import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
      import io.github.bytesandbrains.backoff.grpc.BackoffClientInterceptor;
      import io.grpc.*;

      public final class Main {
        public static void main(String[] args) {
          ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
          ClientInterceptor interceptor = BackoffClientInterceptor.of(
              table, (authority, method, callOptions) -> authority);
          System.out.println(interceptor.getClass().getSimpleName());
          System.out.println(BackoffClientInterceptor.outcomeOf(Status.UNAVAILABLE, null));
        }
      }
      """;

  private static final String METERS = """
      package app;

      import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
      import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
      import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

      public final class Main {
        public static void main(String[] args) {
          SimpleMeterRegistry registry = new SimpleMeterRegistry();
          ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
          BackoffTableMetrics.monitor(registry, table, "uplink");
          table.recordFailure("a");
          System.out.println(registry.get("backoff.peers.tracked").gauge().value());
          System.out.println(
              Main.class.getModule().getLayer().findModule("io.grpc").isPresent());
        }
      }
      """;

  @TempDir
  private Path dir;

  @Test
  void module_grpcOnThePath_compilesWithoutWarningAndRuns() throws Exception {
    UserModule module = new UserModule(
        dir, ConcurrentBackoffTable.class, Caffeine.class, Channel.class, Preconditions.class);

    assertThat(module.compile(
            "module app { requires io.github.bytesandbrains.backoff; requires io.grpc; }", CALL))
        .isEmpty();
    assertThat(module.run()).containsExactly("BackoffClientInterceptor", "failure");
  }

  @Test
  void module_meteredButWithoutGrpc_compilesWithoutWarningAndRuns() throws Exception {
    UserModule module = new UserModule(
        dir,
        ConcurrentBackoffTable.class,
        Caffeine.class,
        MeterRegistry.class,
        Observation.class,
        StringUtils.class);

    assertThat(module.compile(
            "module app { requires io.github.bytesandbrains.backoff; requires micrometer.core; }",
            METERS))
        .isEmpty();
    assertThat(module.run()).containsExactly("1.0", "false");
  }
}
