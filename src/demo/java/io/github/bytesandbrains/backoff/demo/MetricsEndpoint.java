package io.github.bytesandbrains.backoff.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** {@code /metrics} of tables, for Prometheus, on loopback. */
final class MetricsEndpoint implements AutoCloseable {
  private static final int TOP_PEERS = 5;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpServer server;

  /**
   * Begins to answer.
   *
   * @param port 0 for a free one
   * @throws Options.BadOption if the port is taken
   */
  MetricsEndpoint(int port) {
    try {
      server = HttpServer.create(Loopback.port(port), 0);
    } catch (IOException e) {
      throw Options.unexpected("metrics-port", port, "a free port; " + e.getMessage());
    }
    server.createContext("/metrics", this::answer);
    server.start();
  }

  /** Adds a table; its meters have its name as their tag {@code table}. */
  void add(ConcurrentBackoffTable<?> table, String name) {
    new BackoffTableMetrics<>(table, name, Tags.empty())
        .topPeers(TOP_PEERS, Object::toString)
        .bindTo(registry);
  }

  /** Answers what is asked for at a path, or below it if that ends with a slash, in another way. */
  void serve(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  URI address() {
    return URI.create("http://" + Loopback.HOST + ":" + server.getAddress().getPort() + "/metrics");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(200, text.length);
      exchange.getResponseBody().write(text);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    registry.close();
  }
}
