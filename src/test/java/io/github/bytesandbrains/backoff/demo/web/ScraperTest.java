package io.github.bytesandbrains.backoff.demo.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /metrics} and its client, over real HTTP. */
class ScraperTest {
  @Test
  void metrics_twoTables_theirGaugesInPrometheusFormat() throws IOException {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    table.recordRemoteAdvisory("cooling", Duration.ofMinutes(1));
    table.recordRemoteAdvisory("due", Duration.ZERO);
    try (WebServer server = new WebServer(0, exchange -> {})) {
      server.add(table, "rehearsal");
      server.add(ConcurrentBackoffTable.create(), "other");
      String text =
          new String(server.metrics().toURL().openStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text.lines())
          .contains("# TYPE backoff_peers_tracked gauge")
          .contains("backoff_peers_tracked{table=\"rehearsal\"} 2.0")
          .contains("backoff_peers_cooling{table=\"rehearsal\"} 1.0")
          .contains("backoff_peers_tracked{table=\"other\"} 0.0");
      assertThat(InetAddress.getByName(server.metrics().getHost()).isLoopbackAddress())
          .isTrue();
      try (Scraper scraper = new Scraper(server.metrics())) {
        await().until(() -> scraper.good() >= 2);
        assertThat(scraper.firstFault()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500 | backoff_peers_tracked{table=\"rehearsal\"} 2.0",
        "200 | # TYPE backoff_peers_tracked gauge",
        "200 | backoff_peers_tracked{table=\"rehearsal\"} NaN",
      })
  void scraper_badAnswer_fault(int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/metrics", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
      }
    });
    server.start();
    URI metrics = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
    try {
      assertThat(faultAt(metrics))
          .isEqualTo(metrics + " failed: status " + status + ", " + body.length
              + " characters without a count of tracked peers");
    } finally {
      server.stop(0);
    }
    assertThat(faultAt(metrics)).startsWith(metrics + " failed: "); // nobody listens now
  }

  private static String faultAt(URI metrics) {
    try (Scraper scraper = new Scraper(metrics)) {
      await().until(() -> scraper.firstFault().isPresent());
      assertThat(scraper.good()).isZero();
      return scraper.firstFault().orElseThrow();
    }
  }
}
