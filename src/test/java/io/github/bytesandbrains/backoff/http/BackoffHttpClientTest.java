package io.github.bytesandbrains.backoff.http;

import static io.github.bytesandbrains.backoff.http.JettyPeer.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class BackoffHttpClientTest {
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  private static final HttpClient FOLLOWING = HttpClient.newBuilder()
      .version(Version.HTTP_1_1)
      .followRedirects(Redirect.ALWAYS)
      .build();

  private final Origins origins = new Origins();
  private final HttpClient client = BackoffHttpClient.of(JDK, origins.table);
  private JettyPeer peer;

  @BeforeEach
  void start() throws Exception {
    peer = new JettyPeer();
  }

  @AfterEach
  void stop() {
    peer.close();
  }

  private BackoffHttpClientBuilder<String> builder(HttpClient delegate) {
    return BackoffHttpClient.builder(
        delegate, origins.table, request -> BackoffHttpClient.origin(request.uri()));
  }

  static HttpRequest get(URI uri) {
    return HttpRequest.newBuilder(uri).build();
  }

  // Peers

  @ParameterizedTest
  @CsvSource({
    "https://Example.COM/a?b#c, https://example.com:443",
    "http://example.com, http://example.com:80",
    "HTTP://user@example.com:8080/, http://example.com:8080",
    "http://[::1]/, http://[::1]:80",
  })
  void origin_uri_isInLowerCaseWithItsPort(URI uri, String expected) {
    assertThat(BackoffHttpClient.origin(uri)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://example.com/", "/path", "http:opaque", "http://under_score/"})
  void origin_noHttpUriOrNoHost_isAnError(URI uri) {
    assertThatThrownBy(() -> BackoffHttpClient.origin(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("uri: " + uri + " (expected: http or https, and a host)");
  }

  @Test
  void send_peerFunctionOfTheCallers_decidesWhoFails() throws Exception {
    ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.create();
    HttpClient byPathLength = BackoffHttpClient.builder(
            JDK, table, request -> request.uri().getPath().length())
        .build();
    peer.answer = status(503, "Retry-After", "30");

    byPathLength.send(get(peer.uri()), BodyHandlers.discarding());

    assertThat(table.snapshot().keySet()).containsExactly(5);
  }

  // Denied

  @Test
  void send_coolingPeer_throwsAnIOExceptionAndSendsNothing() throws Exception {
    origins.table.postpone(BackoffHttpClient.origin(peer.uri()), Duration.ofSeconds(30));

    Throwable thrown =
        catchThrowable(() -> client.send(get(peer.uri()), BodyHandlers.discarding()));

    assertThat(thrown).isInstanceOfSatisfying(PeerCoolingIOException.class, e -> {
      assertThat(e.remaining()).isEqualTo(Duration.ofSeconds(30));
      assertThat(e.peer()).isEqualTo(BackoffHttpClient.origin(peer.uri()));
      assertThat(e).hasMessage(e.peer() + " is cooling for another PT30S");
    });
    assertThat(peer.requests).hasValue(0);
    assertThat(((PeerCoolingIOException) serialized(thrown)).remaining())
        .isEqualTo(Duration.ofSeconds(30));
  }

  private static Object serialized(Object object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }

  // The caller's own doing

  @Test
  void send_requestThatTheClientRejects_releasesTheProbe() {
    HttpRequest connection = new Tagged(get(peer.uri())) {
      @Override
      public HttpHeaders headers() {
        return RetryHintsTest.headers("Connection", "close"); // which the JDK restricts
      }
    };
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> client.send(connection, BodyHandlers.discarding()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
    assertThatThrownBy(() -> client.sendAsync(connection, BodyHandlers.discarding()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @Test
  void send_interrupted_releasesTheProbeAndStopsTheExchange() throws Exception {
    try (RawPeer raw = new RawPeer(RawPeer.Connection::untilClosed)) {
      origins.makeDue(raw.uri());
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread sender = new Thread(() ->
          thrown.set(catchThrowable(() -> client.send(get(raw.uri()), BodyHandlers.discarding()))));
      sender.start();
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));
      assertThat(origins.known(raw.uri())).isEqualTo("1 probing");
      sender.interrupt();
      sender.join();

      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
      await().untilAsserted(() -> assertThat(raw.closedByClient).hasValue(1));
    }
  }

  @Test
  void send_interruptedInTheBody_isNoFailure() throws Exception {
    CountDownLatch inBody = new CountDownLatch(1);
    CountDownLatch broken = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      connection.untilClosed();
    })) {
      origins.makeDue(raw.uri());
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread sender = new Thread(() -> thrown.set(catchThrowable(
          () -> client.send(get(raw.uri()), response -> new SignallingBody(inBody, broken)))));
      sender.start();
      inBody.await();
      sender.interrupt();
      sender.join();
      broken.await();

      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      assertThat(origins.known(raw.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void send_requestBodyThatFails_releasesTheProbe() {
    origins.makeDue(peer.uri());
    HttpRequest upload = HttpRequest.newBuilder(peer.uri())
        .header("X-Kept", "yes")
        .timeout(Duration.ofSeconds(30))
        .POST(BodyPublishers.ofInputStream(() -> new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is gone");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        }))
        .build();

    assertThatThrownBy(() -> client.send(upload, BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);
    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  static Stream<BodyPublisher> requestBodiesThatAreAtFault() {
    return Stream.of(
        BodyPublishers.ofInputStream(() -> {
          throw new UncheckedIOException(new IOException("no such file"));
        }),
        BodyPublishers.fromPublisher(subscriber -> subscriber.onSubscribe(new Subscription() {
          @Override
          public void request(long n) {
            throw new UncheckedIOException(new IOException("disk"));
          }

          @Override
          public void cancel() {}
        })),
        BodyPublishers.fromPublisher(BodyPublishers.ofString("a file that shrank"), 1_000),
        BodyPublishers.fromPublisher(BodyPublishers.ofString("a file that grew"), 1));
  }

  @ParameterizedTest
  @MethodSource("requestBodiesThatAreAtFault")
  void send_requestBodyThatIsAtFault_releasesTheProbe(BodyPublisher body) {
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> client.send(
            HttpRequest.newBuilder(peer.uri()).POST(body).build(), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void send_credentialsThatThePeerRejects_areNoFailure(boolean wrong) {
    peer.answer = status(401, "WWW-Authenticate", "Basic realm=\"r\"");
    origins.makeDue(peer.uri());
    HttpClient authenticating = BackoffHttpClient.of(
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .authenticator(new Authenticator() {
              @Override
              protected @Nullable PasswordAuthentication getPasswordAuthentication() {
                return wrong ? new PasswordAuthentication("user", new char[] {'x'}) : null;
              }
            })
            .build(),
        origins.table);

    assertThatThrownBy(() -> authenticating.send(get(peer.uri()), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @Test
  void send_authenticatorThatThrows_isNoFailure() {
    peer.answer = status(401, "WWW-Authenticate", "Basic realm=\"r\"");
    origins.makeDue(peer.uri());
    HttpClient authenticating = BackoffHttpClient.of(
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .authenticator(new Authenticator() {
              @Override
              protected @Nullable PasswordAuthentication getPasswordAuthentication() {
                throw new IllegalStateException("the vault is locked");
              }
            })
            .build(),
        origins.table);

    assertThatThrownBy(() -> authenticating.send(get(peer.uri()), BodyHandlers.discarding()))
        .hasRootCauseInstanceOf(IllegalStateException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @Test
  void send_bodyHandlerThatReturnsNull_fails() {
    assertThatThrownBy(() -> client.send(get(peer.uri()), response -> null))
        .hasStackTraceContaining("the body subscriber");
  }

  @Test
  void send_notRedirected_asksForThePeerOnce() throws Exception {
    ThreadLocal<String> tenant = new ThreadLocal<>();
    HttpClient byTenant = BackoffHttpClient.builder(
            FOLLOWING, origins.table, request -> tenant.get())
        .build();
    tenant.set("tenant");

    assertThat(
            byTenant.sendAsync(get(peer.uri()), BodyHandlers.discarding()).get().statusCode())
        .isEqualTo(200);
  }

  @Test
  void send_requestBody_arrivesWithTheRest() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    peer.answer = (request, response, callback) -> {
      seen.set(request.getMethod() + " " + request.getHeaders().get("X-Kept") + " "
          + Content.Source.asString(request));
      callback.succeeded();
    };
    HttpRequest upload = HttpRequest.newBuilder(peer.uri())
        .header("X-Kept", "yes")
        .method("PATCH", BodyPublishers.ofString("text"))
        .build();

    HttpResponse<Void> response = client.send(upload, BodyHandlers.discarding());

    assertThat(seen).hasValue("PATCH yes text");
    assertThat(response.request()).isEqualTo(upload);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void send_bodyHandlerThatThrows_isNoFailure(boolean async) {
    origins.makeDue(peer.uri());
    BodyHandler<Void> broken = response -> {
      throw new NumberFormatException("For input string: \"Fri, 06 Nov 2026 08:49:37 GMT\"");
    };

    assertThatThrownBy(() -> {
          if (async) {
            client.sendAsync(get(peer.uri()), broken).get();
          } else {
            client.send(get(peer.uri()), broken);
          }
        })
        .rootCause()
        .isInstanceOf(NumberFormatException.class);
    assertThat(origins.known(peer.uri())).isEqualTo("untracked"); // it answered
  }

  @Test
  void send_bodySubscriberThatThrows_isNoFailure() {
    BodyHandler<Void> broken = response -> BodySubscribers.ofByteArrayConsumer(bytes -> {
      throw new UncheckedIOException(new IOException("the disk is full"));
    });

    assertThatThrownBy(() -> client.send(get(peer.uri()), broken));

    assertThat(origins.known(peer.uri())).isEqualTo("untracked");
  }

  @Test
  void send_bodyThatItsReaderCloses_isNoFailure() throws Exception {
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      connection.untilClosed();
    })) {
      HttpResponse<InputStream> response =
          client.send(get(raw.uri()), BodyHandlers.ofInputStream());
      response.body().close();
      await().untilAsserted(() -> assertThat(raw.closedByClient).hasValue(1));

      assertThat(origins.known(raw.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void send_outcomesThatThrow_releaseTheProbeAndReachTheCaller() {
    HttpClient throwing = builder(JDK)
        .outcomes((response, received) -> {
          throw new IllegalStateException("of the caller");
        })
        .build();
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> throwing.send(get(peer.uri()), BodyHandlers.discarding()))
        .hasMessageContaining("of the caller");

    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @Test
  void send_outcomesThatThrowForAThrowable_releaseTheProbeAndAreSuppressed() throws Exception {
    HttpClient throwing = builder(JDK)
        .outcomes(new HttpOutcomes() {
          @Override
          public Outcome ofResponse(ResponseInfo response, Instant at) {
            return Outcome.success();
          }

          @Override
          public Outcome ofThrowable(Throwable thrown) {
            throw new IllegalStateException("of the caller");
          }
        })
        .build();
    try (RawPeer raw = new RawPeer(connection -> {})) {
      origins.makeDue(raw.uri());

      assertThatThrownBy(() -> throwing.send(get(raw.uri()), BodyHandlers.discarding()))
          .isInstanceOf(IOException.class)
          .hasSuppressedException(new IllegalStateException("of the caller"));
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
    }
  }

  // Bodies

  @Test
  void send_streamThatBreaksAfterwards_isAFailureThen() throws Exception {
    CountDownLatch breaks = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      breaks.await();
    })) {
      origins.makeDue(raw.uri());
      HttpResponse<InputStream> response =
          client.send(get(raw.uri()), BodyHandlers.ofInputStream());
      assertThat(origins.known(raw.uri())).isEqualTo("untracked");

      breaks.countDown();
      assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
      await().untilAsserted(() -> assertThat(origins.known(raw.uri())).isEqualTo("1 cooling PT1S"));
    }
  }

  @Test
  void send_eventStreamAsProbe_isOverAtTheHeaders() throws Exception {
    try (RawPeer raw = new RawPeer(connection -> {
      connection
          .lines("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "")
          .lines("data: first", "");
      connection.untilClosed();
    })) {
      origins.makeDue(raw.uri());

      HttpResponse<InputStream> response =
          client.send(get(raw.uri()), BodyHandlers.ofInputStream());

      assertThat(origins.known(raw.uri())).isEqualTo("untracked"); // no lease is held
      assertThat(new String(response.body().readNBytes(11), UTF_8)).isEqualTo("data: first");
      assertThat(origins.table.tryAcquire(BackoffHttpClient.origin(raw.uri()))).isPresent();
      response.body().close();
    }
  }

  // Redirects

  private void redirectTo(URI uri) {
    peer.answer = status(302, "Location", uri.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void redirect_toAPeerThatIsBusy_isAnAdvisoryForThatOne(boolean async) throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    try (JettyPeer other = new JettyPeer()) {
      other.answer = status(503, "Retry-After", "30");
      redirectTo(other.uri());
      origins.makeDue(peer.uri());

      HttpResponse<String> response = async
          ? following.sendAsync(get(peer.uri()), BodyHandlers.ofString()).get()
          : following.send(get(peer.uri()), BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(origins.known(peer.uri())).isEqualTo("untracked");
      assertThat(origins.known(other.uri())).isEqualTo("1 cooling PT30S");
    }
  }

  @Test
  void redirect_toACoolingPeerThatIsBusy_postponesIt() throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    try (JettyPeer other = new JettyPeer()) {
      other.answer = status(503, "Retry-After", "7200");
      redirectTo(other.uri());
      origins.table.recordFailure(BackoffHttpClient.origin(other.uri()));

      following.send(get(peer.uri()), BodyHandlers.ofString());

      assertThat(origins.known(other.uri())).isEqualTo("1 cooling PT1H");
    }
  }

  @Test
  void redirect_toAPeerThatIsDue_isASuccessForBoth() throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    try (JettyPeer other = new JettyPeer()) {
      redirectTo(other.uri());
      origins.makeDue(other.uri());
      origins.makeDue(peer.uri());

      following.send(get(peer.uri()), BodyHandlers.ofString());

      assertThat(origins.known(peer.uri())).isEqualTo("untracked");
      assertThat(origins.known(other.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void redirect_streamThatBreaks_isAFailureOfThePeerThatSentIt() throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    CountDownLatch breaks = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      breaks.await();
    })) {
      redirectTo(raw.uri());
      HttpResponse<InputStream> response =
          following.send(get(peer.uri()), BodyHandlers.ofInputStream());
      breaks.countDown();
      assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);

      await().untilAsserted(() -> assertThat(origins.known(raw.uri())).isEqualTo("1 cooling PT1S"));
      assertThat(origins.known(peer.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void redirect_notTaken_isRecordedForThePeerFromTheArrivalOfTheHeaders() throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    CountDownLatch inBody = new CountDownLatch(1);
    CountDownLatch rest = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection
          .lines("HTTP/1.1 503 Busy", "Retry-After: 30", "Content-Length: 4", "")
          .text("bo");
      rest.await();
      connection.text("dy");
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<HttpResponse<String>> future = following.sendAsync(
          get(raw.uri()), response -> new SignallingBody(inBody, new CountDownLatch(1)));
      inBody.await();
      assertThat(origins.known(raw.uri())).isEqualTo("1 probing"); // whose 503 it is, is not known
      origins.clock.advance(Duration.ofSeconds(5));
      rest.countDown();

      assertThat(future.get().body()).isEqualTo("body");
      assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT25S");
    }
  }

  @Test
  void redirect_notTakenAndTheBodyBreaks_isRecordedForThePeer() throws Exception {
    HttpClient following = builder(FOLLOWING).build();
    try (RawPeer raw = new RawPeer(connection ->
        connection.lines("HTTP/1.1 503 Busy", "Retry-After: 30", "Content-Length: 4", ""))) {
      origins.makeDue(raw.uri());

      assertThatThrownBy(() -> following.send(get(raw.uri()), BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);

      assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT30S");
    }
  }

  // Options

  @ParameterizedTest
  @CsvSource({"false, untracked", "true, 0 cooling PT20S"})
  void postponeExhausted_goodResponse_postponesIfAskedFor(boolean option, String expected)
      throws Exception {
    HttpClient client = builder(JDK).postponeExhausted(option).build();
    peer.answer = status(200, "RateLimit", "\"default\";r=0;t=20");

    client.send(get(peer.uri()), BodyHandlers.ofString());

    assertThat(origins.known(peer.uri())).isEqualTo(expected);
  }

  @Test
  void postponeExhausted_probeThatIsTheLastUnit_isPostponedWithinTheBound() throws Exception {
    HttpClient client = builder(JDK).postponeExhausted(true).build();
    peer.answer = status(200, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "999999999");
    origins.makeDue(peer.uri());

    client.send(get(peer.uri()), BodyHandlers.ofString());

    assertThat(origins.known(peer.uri())).isEqualTo("0 cooling PT1H");
  }

  @Test
  void postponeExhausted_redirected_postponesThePeerThatAnswered() throws Exception {
    HttpClient client = builder(FOLLOWING).postponeExhausted(true).build();
    try (JettyPeer other = new JettyPeer()) {
      other.answer = status(200, "RateLimit", "\"default\";r=0;t=20");
      redirectTo(other.uri());

      client.send(get(peer.uri()), BodyHandlers.ofString());

      assertThat(origins.known(peer.uri())).isEqualTo("untracked");
      assertThat(origins.known(other.uri())).isEqualTo("0 cooling PT20S");
    }
  }

  @Test
  void postponeExhausted_unitsLeft_postponesNothing() throws Exception {
    HttpClient client = builder(JDK).postponeExhausted(true).build();
    peer.answer = status(200, "RateLimit", "\"default\";r=1;t=20");

    client.send(get(peer.uri()), BodyHandlers.ofString());

    assertThat(origins.known(peer.uri())).isEqualTo("untracked");
  }

  @Test
  void outcomes_serverErrors_countA500() throws Exception {
    HttpClient client = builder(JDK).outcomes(HttpOutcomes.serverErrors()).build();
    peer.answer = status(500);

    client.send(get(peer.uri()), BodyHandlers.ofString());

    assertThat(origins.known(peer.uri())).isEqualTo("1 cooling PT1S");
  }

  @Test
  void outcomes_ofTheCaller_decide() throws Exception {
    HttpClient client = builder(JDK)
        .outcomes((response, received) -> response.statusCode() == 418
            ? Outcome.advisory(Duration.ofMinutes(5))
            : HttpOutcomes.gatewayErrors().ofResponse(response, received))
        .build();
    peer.answer = status(418);

    client.send(get(peer.uri()), BodyHandlers.ofString());

    assertThat(origins.known(peer.uri())).isEqualTo("1 cooling PT5M");
  }

  @Test
  @SuppressWarnings("NullAway") // what callers without a checker may pass
  void builder_null_isRejected() {
    BackoffHttpClientBuilder<String> builder = builder(JDK);
    assertThatThrownBy(() -> builder.outcomes(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> builder.wallClock(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> BackoffHttpClient.of(null, origins.table))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> BackoffHttpClient.of(JDK, null))
        .isInstanceOf(NullPointerException.class);
  }

  // Delegates that are not the JDK's

  @Test
  void send_delegateThatDoesNotCallItsBodyHandler_isJudgedByItsResponse() throws Exception {
    HttpClient mock = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        return new Stub<>(request, 429, RetryHintsTest.headers("Retry-After", "30"));
      }
    };
    origins.makeDue(peer.uri());

    BackoffHttpClient.of(mock, origins.table).send(get(peer.uri()), BodyHandlers.discarding());

    assertThat(origins.known(peer.uri())).isEqualTo("2 cooling PT30S");
  }

  /** As one that keeps responses on a disk that is full. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_delegateThatFailsAfterTheWholeBody_isNoFailureOfThePeer(boolean whole) {
    HttpClient caching = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
          throws IOException {
        BodySubscriber<T> body = handler.apply(new Stub<>(request, 200, RetryHintsTest.headers()));
        body.onSubscribe(new NoSubscription());
        body.onComplete();
        throw new IOException("No space left on device");
      }
    };
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> BackoffHttpClient.of(caching, origins.table)
            .send(
                get(peer.uri()),
                whole
                    ? BodyHandlers.ofString()
                    : BodyHandlers.buffering(BodyHandlers.ofString(), 9)))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("untracked");
  }

  @Test
  void send_interruptThatBreaksTheBodyBeforeItIsThrown_isNoFailure() {
    HttpClient interrupted = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
          throws InterruptedException {
        BodySubscriber<T> body = handler.apply(new Stub<>(request, 200, RetryHintsTest.headers()));
        body.onSubscribe(new NoSubscription());
        body.onError(new IOException("closed"));
        throw new InterruptedException();
      }
    };
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> BackoffHttpClient.of(interrupted, origins.table)
            .send(get(peer.uri()), BodyHandlers.ofString()))
        .isInstanceOf(InterruptedException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("untracked");
  }

  @Test
  void send_bodyThatBreaksBecauseItsReaderCancelled_isNoFailure() throws Exception {
    HttpClient breaking = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        Stub<T> response = new Stub<>(request, 200, RetryHintsTest.headers());
        BodySubscriber<T> body = handler.apply(response);
        body.onSubscribe(new NoSubscription());
        body.onError(new IOException("closed"));
        return response;
      }
    };
    BodyHandler<Void> cancelling =
        response -> BodySubscribers.fromSubscriber(new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
          }

          @Override
          public void onNext(List<ByteBuffer> buffers) {}

          @Override
          public void onError(Throwable thrown) {}

          @Override
          public void onComplete() {}
        });

    BackoffHttpClient.of(breaking, origins.table).send(get(peer.uri()), cancelling);
    assertThat(origins.known(peer.uri())).isEqualTo("untracked");

    BackoffHttpClient.of(breaking, origins.table)
        .send(get(peer.uri()), BodyHandlers.ofInputStream());
    assertThat(origins.known(peer.uri())).as("without a cancel").isEqualTo("1 cooling PT1S");
  }

  private static final class NoSubscription implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  @Test
  void send_tooManyConcurrentStreams_releasesTheProbe() {
    HttpClient full = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
          throws IOException {
        throw new IOException("too many concurrent streams");
      }
    };
    origins.makeDue(peer.uri());

    assertThatThrownBy(() -> BackoffHttpClient.of(full, origins.table)
            .send(get(peer.uri()), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);

    assertThat(origins.known(peer.uri())).isEqualTo("1 due");
  }

  @Test
  void send_requestOfAnotherLibrary_reachesTheDelegateAsItIs() throws Exception {
    AtomicReference<HttpRequest> seen = new AtomicReference<>();
    HttpClient stub = new StubHttpClient() {
      @Override
      public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        seen.set(request);
        return new Stub<>(request, 200, HttpHeaders.of(Map.of(), (n, v) -> true));
      }
    };
    HttpRequest plain =
        HttpRequest.newBuilder(peer.uri()).POST(BodyPublishers.ofString("x")).build();
    HttpRequest tagged = new Tagged(plain);

    BackoffHttpClient.of(stub, origins.table).send(tagged, BodyHandlers.discarding());

    assertThat(seen.get()).isSameAs(tagged);
  }

  /** A request of another library's class. */
  private static class Tagged extends HttpRequest {
    private final HttpRequest request;

    Tagged(HttpRequest request) {
      this.request = request;
    }

    @Override
    public Optional<BodyPublisher> bodyPublisher() {
      return request.bodyPublisher();
    }

    @Override
    public String method() {
      return request.method();
    }

    @Override
    public Optional<Duration> timeout() {
      return request.timeout();
    }

    @Override
    public boolean expectContinue() {
      return request.expectContinue();
    }

    @Override
    public URI uri() {
      return request.uri();
    }

    @Override
    public Optional<Version> version() {
      return request.version();
    }

    @Override
    public HttpHeaders headers() {
      return request.headers();
    }
  }
}
