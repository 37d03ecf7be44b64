package io.github.bytesandbrains.backoff.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table of outcomes, over real connections. The request is a probe each time. */
@Timeout(60)
final class OutcomeTableTest {
  /** A probe after one failure: a success forgets the peer, and another failure costs 2 s. */
  private static final String SUCCESS = "untracked";

  private static final String FAILURE = "2 cooling PT2S";
  private static final String NONE = "1 due";

  private static final InstantSource WALL_CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-06T08:49:37Z"));

  @SuppressWarnings("NullAway.Init")
  private static JettyPeer peer;

  private static final HttpClient JDK = HttpClient.newHttpClient();

  private final Origins origins = new Origins();
  private final HttpClient client = BackoffHttpClient.builder(
          JDK, origins.table, request -> BackoffHttpClient.origin(request.uri()))
      .wallClock(WALL_CLOCK)
      .build();

  @BeforeAll
  static void start() throws Exception {
    peer = new JettyPeer();
  }

  @AfterAll
  static void stop() {
    peer.close();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Row(int status, String expected, String... headers) {
    @Override
    public String toString() {
      return status + " " + List.of(headers) + ": " + expected;
    }
  }

  private static String advisory(String remaining) {
    return "2 cooling " + remaining;
  }

  static Stream<Row> rows() {
    List<Row> rows = new ArrayList<>();
    String[] reset = {"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "40"};
    for (int status : new int[] {403, 429, 503}) {
      String otherwise = status == 403 ? SUCCESS : FAILURE;
      rows.add(new Row(status, otherwise));
      rows.add(new Row(status, advisory("PT30S"), "Retry-After", "30"));
      rows.add(new Row(status, advisory("PT30S"), "retry-after", "30"));
      rows.add(new Row(status, advisory("PT0.25S"), "retry-after-ms", "250"));
      rows.add(new Row(status, advisory("PT0.25S"), "x-ms-retry-after-ms", "250"));
      for (String date : List.of(
          "Fri, 06 Nov 2026 08:50:07 GMT",
          "Friday, 06-Nov-26 08:50:07 GMT",
          "Fri Nov  6 08:50:07 2026")) {
        rows.add(new Row(status, advisory("PT30S"), "Retry-After", date));
        rows.add(new Row(
            status,
            advisory("PT10S"),
            "Retry-After",
            date,
            "Date",
            "Fri, 06 Nov 2026 08:49:57 GMT"));
        rows.add(new Row(
            status,
            advisory("PT15M10S"), // the peer's clock is 15 minutes behind
            "Retry-After",
            date,
            "Date",
            "Fri, 06 Nov 2026 08:34:37 GMT",
            "Age",
            "20"));
        rows.add(new Row(
            status,
            otherwise, // elapsed, by the peer's clock
            "Retry-After",
            date,
            "Date",
            "Fri, 06 Nov 2026 08:50:08 GMT"));
      }
      rows.add(new Row(status, otherwise, "Retry-After", "Fri, 06 Nov 2020 08:50:07 GMT"));
      rows.add(new Row(status, otherwise, "Retry-After", "0"));
      rows.add(new Row(status, otherwise, "Retry-After", "-5"));
      rows.add(new Row(status, otherwise, "Retry-After", "whenever"));
      rows.add(new Row(status, advisory("PT1H"), "Retry-After", "7200")); // clamped
      rows.add(new Row(status, advisory("PT1H"), "Retry-After", "9".repeat(30)));
      rows.add(new Row(status, advisory("PT40S"), reset));
      rows.add(new Row(status, otherwise, "X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "4"));
      rows.add(new Row(status, advisory("PT50S"), "RateLimit", "\"default\";r=0;t=50"));
      rows.add(new Row(status, otherwise, "RateLimit", "\"default\";r=0;t=50", "Age", "3"));
      rows.add(new Row(status, otherwise, "RateLimit", "default r=0"));
    }
    IntStream.of(502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530)
        .forEach(status -> rows.add(new Row(status, FAILURE)));
    rows.add(new Row(502, FAILURE, "Retry-After", "30"));
    IntStream.of(407, 408, 421, 425, 511).forEach(status -> rows.add(new Row(status, NONE)));
    IntStream.of(
            200, 204, 206, 304, 400, 401, 402, 404, 405, 409, 410, 418, 422, 451, 500, 501, 505,
            507, 508, 599)
        .forEach(status -> rows.add(new Row(status, SUCCESS)));
    rows.add(new Row(200, SUCCESS, "Retry-After", "30"));
    rows.add(new Row(500, SUCCESS, "Retry-After", "30"));
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void response_overHttp1And2_isRecordedAsItsRowSays(Row row) throws Exception {
    peer.answer = JettyPeer.status(row.status, row.headers);
    for (Version version : Version.values()) {
      if (version != Version.HTTP_1_1 && version != Version.HTTP_2) {
        continue; // not spoken by the peer
      }
      HttpRequest request = HttpRequest.newBuilder(peer.uri()).version(version).build();

      origins.table.forget(BackoffHttpClient.origin(peer.uri()));
      origins.makeDue(peer.uri());
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(row.status);
      assertThat(response.version()).isEqualTo(version);
      assertThat(origins.known(peer.uri())).as("send, " + version).isEqualTo(row.expected);

      origins.table.forget(BackoffHttpClient.origin(peer.uri()));
      origins.makeDue(peer.uri());
      response = client.sendAsync(request, BodyHandlers.ofString()).get();

      assertThat(response.statusCode()).isEqualTo(row.status);
      assertThat(origins.known(peer.uri())).as("sendAsync, " + version).isEqualTo(row.expected);
    }
  }

  enum Fault {
    REFUSED,
    TLS,
    HANGS_BEFORE_THE_HEADERS,
    CLOSES_WITHOUT_A_BYTE,
    BREAKS_IN_THE_HEADERS,
    SPEAKS_ANOTHER_PROTOCOL,
    BREAKS_A_BODY_OF_KNOWN_LENGTH,
    BREAKS_A_CHUNKED_BODY;

    /** The body breaks after a success was recorded, so it is the first failure again. */
    String expected() {
      return name().contains("BODY") ? "1 cooling PT1S" : FAILURE;
    }

    void serve(RawPeer.Connection connection) throws Exception {
      switch (this) {
        case HANGS_BEFORE_THE_HEADERS -> connection.untilClosed();
        case BREAKS_IN_THE_HEADERS -> connection.text("HTTP/1.1 200 OK\r\nContent-Le");
        case SPEAKS_ANOTHER_PROTOCOL, TLS -> connection.lines("SSH-2.0-OpenSSH_9.2", "");
        case BREAKS_A_BODY_OF_KNOWN_LENGTH ->
          connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
        case BREAKS_A_CHUNKED_BODY ->
          connection
              .lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "")
              .text("5\r\nshort\r\n10\r\ncut");
        default -> {} // is closed
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void fault_ofThePeer_isAFailure(Fault fault) throws Exception {
    try (RawPeer raw = new RawPeer(fault::serve)) {
      URI uri = fault == Fault.REFUSED
          ? closedPort()
          : fault == Fault.TLS
              ? URI.create(raw.uri().toString().replace("http:", "https:"))
              : raw.uri();
      HttpRequest.Builder request = HttpRequest.newBuilder(uri).version(Version.HTTP_1_1);
      if (fault == Fault.HANGS_BEFORE_THE_HEADERS) {
        request.timeout(Duration.ofMillis(100));
      }

      origins.makeDue(uri);
      assertThatThrownBy(() -> client.send(request.build(), BodyHandlers.ofString()))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(PeerCoolingIOException.class);
      assertThat(origins.known(uri)).as("send").isEqualTo(fault.expected());

      origins.table.forget(BackoffHttpClient.origin(uri));
      origins.makeDue(uri);
      assertThatThrownBy(
              () -> client.sendAsync(request.build(), BodyHandlers.ofString()).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
      assertThat(origins.known(uri)).as("sendAsync").isEqualTo(fault.expected());
    }
  }

  private static URI closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }
  }

  @Test
  void fault_hostThatDoesNotExist_isAFailure() {
    URI uri = URI.create("http://no-such-host.invalid/");
    origins.makeDue(uri);

    assertThatThrownBy(
            () -> client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(uri)).isEqualTo(FAILURE);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void fault_jettyAbortsTheBody_isAFailureAfterASuccess(Version version) throws Exception {
    peer.answer = (request, response, callback) -> {
      JettyPeer.head(response, 200, "Content-Length", "100");
      Content.Sink.write(
          response,
          false,
          "short",
          Callback.from(
              () -> callback.failed(new IOException("broken by the test")), callback::failed));
    };
    origins.makeDue(peer.uri());
    HttpRequest request = HttpRequest.newBuilder(peer.uri()).version(version).build();

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("1 cooling PT1S");
  }
}
