package io.github.bytesandbrains.backoff.examples.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The application as it is, asked over HTTP. */
@Tag("spring")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PricesApplicationTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir
  private static Path snapshots;

  private static ConfigurableApplicationContext application;

  private Supplier supplier;

  @BeforeAll
  static void startApplication() {
    application = run();
  }

  @AfterAll
  static void closeApplication() {
    application.close();
  }

  @BeforeEach
  void startSupplier() throws IOException {
    supplier = new Supplier();
  }

  @AfterEach
  void closeSupplier() {
    supplier.close();
  }

  private static ConfigurableApplicationContext run(String... args) {
    return new SpringApplicationBuilder(PricesApplication.class)
        .bannerMode(Banner.Mode.OFF)
        .logStartupInfo(false)
        .run(Stream.concat(
                Stream.of("--server.port=0", "--backoff.snapshot.directory=" + snapshots),
                Stream.of(args))
            .toArray(String[]::new));
  }

  private static URI uri(ApplicationContext context, String path) {
    String port = context.getEnvironment().getProperty("local.server.port");
    return URI.create("http://localhost:" + port + path);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return get(application, path);
  }

  private static HttpResponse<String> get(ApplicationContext context, String path)
      throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri(context, path)).build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, JsonObject body) throws Exception {
    return post(application, path, body);
  }

  private static HttpResponse<String> post(ApplicationContext context, String path, JsonObject body)
      throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri(context, path))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body.toString()))
        .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  private static JsonObject body(String peer, @Nullable String delay) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", peer);
    body.addProperty("delay", delay);
    return body;
  }

  private static String encoded(Object value) {
    return URLEncoder.encode(value.toString(), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rest-client", "web-client", "exchange"})
  void price_supplierThatSays503_isNotAskedAgainUntilThen(String kind) throws Exception {
    String path = "/" + kind + "?supplier=" + encoded(supplier.uri);

    HttpResponse<String> healthy = get(path);
    supplier.answer = "HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nConnection: close\r\n\r\n";
    HttpResponse<String> busy = get(path);
    HttpResponse<String> cooling = get(path);

    assertThat(healthy.statusCode()).isEqualTo(200);
    assertThat(healthy.body()).isEqualTo("42");
    assertThat(busy.statusCode()).isEqualTo(502);
    assertThat(cooling.statusCode()).isEqualTo(503);
    assertThat(cooling.headers().firstValue("Retry-After")).hasValue("30");
    assertThat(supplier.requests).hasValue(2);

    String origin = BackoffHttpClient.origin(supplier.uri);
    JsonObject table =
        json(get("/actuator/backoff")).getAsJsonObject("tables").getAsJsonObject("suppliers");
    assertThat(table.getAsJsonObject("stats").get("advisories").getAsInt()).isPositive();
    assertThat(table.getAsJsonArray("longestDelays"))
        .map(JsonElement::getAsJsonObject)
        .filteredOn(peer -> peer.get("peer").getAsString().equals(origin))
        .singleElement()
        .satisfies(peer -> {
          assertThat(peer.get("attempts").getAsInt()).isEqualTo(1);
          assertThat(peer.get("remaining").getAsString()).startsWith("PT2");
          assertThat(peer.get("explanation").getAsString()).contains("by an advisory");
        });
    await()
        .untilAsserted(() -> assertThat(get("/actuator/prometheus").body())
            .contains(
                "backoff_peers_tracked{table=\"suppliers\"}",
                "backoff_peers_tracked{table=\"partners\"}",
                "backoff_retry_delay_peer_seconds{peer=\"" + origin));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rest-client", "web-client", "exchange"})
  void price_supplierThatRefuses_isAFailure(String kind) throws Exception {
    supplier.close();

    assertThat(get("/" + kind + "?supplier=" + encoded(supplier.uri)).statusCode())
        .isEqualTo(502);

    String query = "?peer=" + encoded(BackoffHttpClient.origin(supplier.uri));
    JsonObject peer = json(get("/actuator/backoff/suppliers" + query));
    assertThat(peer.get("attempts").getAsInt()).isEqualTo(1);
    assertThat(peer.get("explanation").getAsString()).contains("by the schedule");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://example.com:443", "a/b//c", "with spaces", "100%", "%2F", "ü?#&=+;", "."})
  void endpoint_anyName_isSteeredAndExplained(String peer) throws Exception {
    String path = "/actuator/backoff/partners";
    String query = path + "?peer=" + encoded(peer);

    JsonObject unknown = json(get(query));
    JsonObject postponed = json(post(path + "/postpone", body(peer, "90s")));
    JsonObject explained = json(get(query));
    JsonObject expedited = json(post(path + "/expedite", body(peer, null)));
    JsonObject forgotten = json(post(path + "/FORGET", body(peer, null)));

    assertThat(unknown.get("peer").getAsString()).isEqualTo(peer);
    assertThat(unknown.get("explanation").getAsString()).isEqualTo("not tracked");
    assertThat(postponed.get("remaining").getAsString()).isGreaterThan("PT1M2").startsWith("PT1M");
    assertThat(explained.get("explanation").getAsString()).contains("by postpone or expedite");
    assertThat(expedited.get("remaining").getAsString()).isEqualTo("PT0S");
    assertThat(forgotten).isEqualTo(unknown);
  }

  @Test
  void endpoint_unknownTable_isA404() throws Exception {
    assertThat(get("/actuator/backoff/none?peer=a").statusCode()).isEqualTo(404);
    assertThat(post("/actuator/backoff/none/forget", body("a", null)).statusCode())
        .isEqualTo(404);
  }

  @Test
  void endpoint_badRequest_isA400() throws Exception {
    String path = "/actuator/backoff/partners";
    assertThat(get(path).statusCode()).isEqualTo(400);
    assertThat(post(path + "/explode", body("a", null)).statusCode()).isEqualTo(400);
    assertThat(post(path + "/postpone", body("a", null)).statusCode()).isEqualTo(400);
    assertThat(post(path + "/postpone", body("a", "-1s")).statusCode()).isEqualTo(400);
    assertThat(post(path + "/postpone", body("a", "soon")).statusCode()).isEqualTo(400);
    assertThat(json(get(path + "?peer=a")).get("explanation").getAsString())
        .isEqualTo("not tracked");
  }

  @Test
  void documentation_properties_areThoseOfTheApplication() throws IOException {
    String document = Files.readString(Path.of("src/docs/spring.md"));
    String properties = document.split("```yaml\n", 2)[1].split("```", 2)[0];

    assertThat(Path.of("src/examples/resources/application.yaml")).content().contains(properties);
  }

  /** With another configuration at the same time. The last test, which leaves it so. */
  @Test
  @Order(Integer.MAX_VALUE)
  void restart_coolingPeer_isStillCoolingAndReported() throws Exception {
    json(post("/actuator/backoff/partners/postpone", body("slow", "1h")));
    application.close();
    application = run(
        "--management.endpoint.backoff.access=", // the default
        "--backoff.health.maximum-cooling=0",
        "--spring.main.lazy-initialization=true");

    assertThat(get("/actuator/backoff/partners?peer=slow").body())
        .contains("cooling for another PT59M");
    assertThat(post("/actuator/backoff/partners/forget", body("slow", null)).statusCode())
        .isIn(404, 405); // read-only
    HttpResponse<String> health = get("/actuator/health/backoff");
    assertThat(health.statusCode()).isEqualTo(503);
    assertThat(health.body()).contains("\"DOWN\"", "\"partners\":1");
    assertThat(get("/actuator/prometheus").body())
        .contains("backoff_peers_cooling{table=\"partners\"} 1.0");
  }

  /** A server whose answer the test sets. */
  private static final class Supplier implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final URI uri = URI.create("http://localhost:" + socket.getLocalPort() + "/price");
    volatile String answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n42";
    final AtomicInteger requests = new AtomicInteger();

    Supplier() throws IOException {
      Thread thread = new Thread(this::serve, "supplier");
      thread.setDaemon(true);
      thread.start();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket connection = socket.accept()) {
          connection.getInputStream().read(new byte[8192]);
          requests.incrementAndGet();
          connection
              .getOutputStream()
              .write(answer.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
        } catch (IOException e) {
          // closed, or the client went away
        }
      }
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
