package io.github.bytesandbrains.backoff.benchmarks.sharing;

import static java.util.stream.Collectors.toMap;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

/** The server that the nodes share: a given one, or one that runs only meanwhile. */
final class Redis implements AutoCloseable {
  private final @Nullable RedisServer server;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;

  /** What the server says about itself, and how many bytes it needed for that. */
  record Info(Map<String, String> values, int bytes) {
    String text(String name) {
      return values.getOrDefault(name, "");
    }

    long count(String name) {
      return Long.parseLong(values.getOrDefault(name, "0"));
    }

    double seconds(String name) {
      return Double.parseDouble(values.getOrDefault(name, "0"));
    }

    /** How often a command was called. */
    long calls(String command) {
      String calls = text("cmdstat_" + command).replaceFirst("^calls=(\\d+).*", "$1");
      return calls.isEmpty() ? 0 : Long.parseLong(calls);
    }
  }

  Redis(@Nullable String uri) throws IOException {
    int port = freePort();
    server = uri == null
        ? RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("save \"\"")
            .build()
        : null;
    if (server != null) {
      server.start();
    }
    client = RedisClient.create(uri == null ? "redis://127.0.0.1:" + port : uri);
    connection = client.connect();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  RedisClient client() {
    return client;
  }

  Info info() {
    String info = connection.sync().info("all");
    return new Info(
        info.lines()
            .filter(line -> line.indexOf(':') > 0)
            .collect(toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> line.substring(line.indexOf(':') + 1),
                (first, second) -> first)),
        info.length());
  }

  void delete(String key) {
    connection.sync().del(key);
  }

  @Override
  public void close() throws IOException {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    if (server != null) {
      server.stop();
    }
  }
}
