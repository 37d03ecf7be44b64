package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code /metrics} and the one who looks at it, over real HTTP. */
class MetricsEndpointTest {
  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();

  @Test
  void metrics_onePeerFailing_itsFiguresInPrometheusFormat() throws IOException {
    table.recordRemoteAdvisory("cooling", Duration.ofMinutes(1));
    table.recordRemoteAdvisory("due", Duration.ZERO);
    try (MetricsEndpoint endpoint = endpoint()) {
      String text = fetched(endpoint.address());
      assertThat(text.lines())
          .contains("# TYPE backoff_peers_tracked gauge")
          .contains("backoff_peers_tracked{table=\"rehearsal\"} 2.0")
          .contains("backoff_peers_cooling{table=\"rehearsal\"} 1.0");
    }
  }

  @Test
  void metrics_twoTables_eachUnderItsName() throws IOException {
    table.recordFailure("failing");
    try (MetricsEndpoint endpoint = endpoint()) {
      endpoint.add(ConcurrentBackoffTable.create(), "other");
      assertThat(fetched(endpoint.address()).lines())
          .contains("backoff_peers_tracked{table=\"rehearsal\"} 1.0")
          .contains("backoff_peers_tracked{table=\"other\"} 0.0");
    }
  }

  @Test
  void metrics_always_onLoopbackOnly() {
    try (MetricsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.address().getHost())
          .isEqualTo("127.0.0.1")
          .satisfies(
              h -> assertThat(InetAddress.getByName(h).isLoopbackAddress()).isTrue());
      assertThat(endpoint.address().getPath()).isEqualTo("/metrics");
    }
  }

  @Test
  void metrics_portTaken_badOption() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Loopback.port(0));
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> new MetricsEndpoint(port).close())
          .isInstanceOf(Options.BadOption.class)
          .hasMessageStartingWith("metrics-port: " + port + " (expected: a free port");
    }
  }

  @Test
  void scraper_goodAnswers_countsThem() {
    try (MetricsEndpoint endpoint = endpoint();
        Scraper scraper = new Scraper(endpoint.address())) {
      await().until(() -> scraper.good() >= 2);
      assertThat(scraper.firstFault()).isEmpty();
    }
  }

  @Test
  void scraper_status500_fault() throws IOException {
    assertThat(faultOf(500, "backoff_peers_tracked{table=\"rehearsal\"} 2.0\n"))
        .contains("/metrics did not answer: status 500");
  }

  @Test
  void scraper_otherText_fault() throws IOException {
    assertThat(faultOf(200, "# TYPE backoff_peers_tracked gauge\n"))
        .contains("/metrics did not answer: no backoff_peers_tracked in 35 characters");
  }

  @Test
  void scraper_notAFigure_fault() throws IOException {
    assertThat(faultOf(200, "backoff_peers_tracked{table=\"rehearsal\"} NaN\n"))
        .contains("did not answer: no backoff_peers_tracked");
  }

  @Test
  void scraper_nobodyListens_fault() {
    URI address;
    try (MetricsEndpoint endpoint = endpoint()) {
      address = endpoint.address();
    }
    assertThat(faultAt(address)).contains("did not answer: Connection refused");
  }

  private MetricsEndpoint endpoint() {
    MetricsEndpoint endpoint = new MetricsEndpoint(0);
    endpoint.add(table, "rehearsal");
    return endpoint;
  }

  private static String faultOf(int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    HttpServer server = HttpServer.create(Loopback.port(0), 0);
    server.createContext("/metrics", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    });
    server.start();
    try {
      return faultAt(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics"));
    } finally {
      server.stop(0);
    }
  }

  private static String faultAt(URI address) {
    try (Scraper scraper = new Scraper(address)) {
      await().until(() -> scraper.firstFault().isPresent());
      assertThat(scraper.good()).isZero();
      return scraper.firstFault().orElseThrow();
    }
  }

  private static String fetched(URI address) throws IOException {
    return new String(address.toURL().openStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
