package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.UserModule;
import io.lettuce.core.RedisClient;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.unix.Unix;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** The module of a user that has Lettuce, but neither Micrometer nor gRPC. */
@Tag("artifact")
final class ModuleWithRedisTest {
  private static final String MAIN = """
      package app;

      import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
      import io.github.bytesandbrains.backoff.redis.RedisSharing;
      import io.lettuce.core.RedisClient;
      import java.time.Duration;

      public final class Main {
        public static void main(String[] args) {
          java.util.logging.LogManager.getLogManager().reset();
          RedisClient client = RedisClient.create("redis://127.0.0.1:1");
          ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
          try (RedisSharing<String> sharing = RedisSharing
              .builder(table, client, peer -> peer, name -> name)
              .tableName("uplink")
              .start()) {
            table.recordFailure("p");
            System.out.println(sharing.stats().connected());
          }
          client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
          ModuleLayer layer = Main.class.getModule().getLayer();
          System.out.println(layer.findModule("micrometer.core").isPresent());
        }
      }
      """;

  @TempDir
  private Path dir;

  @Test
  void module_lettuceOnThePath_compilesWithoutWarningAndRuns() throws Exception {
    UserModule module = new UserModule(
        dir,
        ConcurrentBackoffTable.class,
        Caffeine.class,
        RedisClient.class,
        ByteBuf.class,
        Channel.class,
        Unix.class,
        MessageToByteEncoder.class,
        DnsRecord.class,
        SslHandler.class,
        AddressResolver.class,
        DnsAddressResolverGroup.class,
        Future.class,
        Flux.class,
        Publisher.class);

    assertThat(module.compile("""
            module app {
              requires io.github.bytesandbrains.backoff;
              requires io.netty.handler; // which Lettuce, an automatic module, cannot require
              requires io.netty.resolver.dns;
              requires java.logging;
              requires lettuce.core;
            }
            """, MAIN)).isEmpty();
    assertThat(module.run()).containsExactly("false", "false");
  }
}
