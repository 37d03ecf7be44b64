package io.github.bytesandbrains.backoff.demo.web;

import com.sun.net.httpserver.HttpHandler;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;

/** Serves {@code /metrics} of tables to Prometheus, and the live page, on loopback. */
public final class WebServer implements AutoCloseable {
  private static final int TOP_PEERS = 5;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HTTPServer server;

  /**
   * Starts the server.
   *
   * @param port 0 for a free one
   * @param page answers every other path
   */
  public WebServer(int port, HttpHandler page) throws IOException {
    server = HTTPServer.builder()
        .inetAddress(InetAddress.getLoopbackAddress())
        .port(port)
        .registry(registry.getPrometheusRegistry())
        .defaultHandler(page)
        .registerHealthHandler(false)
        .buildAndStart();
  }

  /** Adds a table, whose meters have its name as their tag {@code table}. */
  public void add(ConcurrentBackoffTable<?> table, String name) {
    new BackoffTableMetrics<>(table, name, Tags.empty())
        .topPeers(TOP_PEERS, Object::toString)
        .bindTo(registry);
  }

  /** The address of the page. */
  public URI page() {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    return URI.create("http://" + host + ":" + server.getPort() + "/");
  }

  public URI metrics() {
    return page().resolve("metrics");
  }

  @Override
  public void close() {
    server.close();
    registry.close();
  }
}
