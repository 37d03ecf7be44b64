package io.github.bytesandbrains.backoff.http;

import static io.github.bytesandbrains.backoff.http.BackoffHttpClientTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.FakeClock;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to {@code sendAsync}: the future that it returns. */
@Timeout(60)
final class SendAsyncTest {
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(Version.HTTP_1_1).build();

  private final Origins origins = new Origins();
  private final HttpClient client = BackoffHttpClient.of(JDK, origins.table);

  private static RawPeer hanging() throws IOException {
    return new RawPeer(RawPeer.Connection::untilClosed);
  }

  @Test
  void sendAsync_coolingPeer_returnsAFutureThatFailed() throws Exception {
    try (RawPeer raw = hanging()) {
      origins.table.postpone(BackoffHttpClient.origin(raw.uri()), Duration.ofSeconds(30));

      for (CompletableFuture<?> future : List.of(
          client.sendAsync(get(raw.uri()), BodyHandlers.discarding()),
          client.sendAsync(get(raw.uri()), BodyHandlers.discarding(), null))) {
        assertThat(future).isCompletedExceptionally();
        assertThatThrownBy(future::get)
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOfSatisfying(
                PeerCoolingIOException.class,
                e -> assertThat(e.remaining()).isEqualTo(Duration.ofSeconds(30)));
      }
      assertThat(raw.requests).hasValue(0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancel_probeInFlight_givesTheLeaseBackAndStopsTheExchange(boolean derived) throws Exception {
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());
      CompletableFuture<HttpResponse<Void>> future =
          client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
      CompletableFuture<?> cancelled =
          derived ? future.thenApply(HttpResponse::statusCode) : future;
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));
      assertThat(origins.known(raw.uri())).isEqualTo("1 probing");

      assertThat(cancelled.cancel(true)).isTrue();

      await().untilAsserted(() -> assertThat(raw.closedByClient).hasValue(1));
      await().untilAsserted(() -> assertThat(future).isDone());
      assertThat(cancelled).isCancelled();
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
    }
  }

  @Test
  void cancel_withoutInterrupt_givesTheLeaseBackAndLetsTheExchangeRun() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      answer.await();
      connection.lines("HTTP/1.1 503 Busy", "Retry-After: 30", "Content-Length: 0", "");
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<?> future = client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));

      assertThat(future.cancel(false)).isTrue();
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");

      answer.countDown(); // still heard, by the rule of permits
      await()
          .untilAsserted(() -> assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT30S"));
    }
  }

  @Test
  void cancel_exchangeThatFailsWithAPlainIOException_isNoFailure() throws Exception {
    HttpClient jdk8380967 = new StubHttpClient() {
      @Override
      public <T> CompletableFuture<HttpResponse<T>> sendAsync(
          HttpRequest request, BodyHandler<T> handler) {
        return new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            return completeExceptionally(new IOException("fixed content-length: 5, received: 0"));
          }
        };
      }
    };
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());
      CompletableFuture<Integer> derived = BackoffHttpClient.of(jdk8380967, origins.table)
          .sendAsync(get(raw.uri()), BodyHandlers.discarding())
          .thenApply(HttpResponse::statusCode);

      assertThat(derived.cancel(true)).isTrue();

      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
    }
  }

  @Test
  void cancel_inTheBody_isNoFailure() throws Exception {
    CountDownLatch inBody = new CountDownLatch(1);
    CountDownLatch broken = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      connection.untilClosed();
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<?> future =
          client.sendAsync(get(raw.uri()), response -> new SignallingBody(inBody, broken));
      inBody.await();

      assertThat(future.cancel(true)).isTrue();

      await().untilAsserted(() -> assertThat(raw.closedByClient).hasValue(1));
      assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(origins.known(raw.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void orTimeout_peerThatHangs_isAFailure() throws Exception {
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());

      CompletableFuture<?> future = client
          .sendAsync(get(raw.uri()), BodyHandlers.discarding())
          .orTimeout(50, TimeUnit.MILLISECONDS);

      assertThatThrownBy(future::get).hasCauseInstanceOf(TimeoutException.class);
      await()
          .untilAsserted( // right after
              () -> assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT2S"));
      future.cancel(true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void requestTimeout_requestWithoutOne_isAFailure(String method) throws Exception {
    HttpClient limited = BackoffHttpClient.builder(
            JDK, origins.table, request -> BackoffHttpClient.origin(request.uri()))
        .requestTimeout(Duration.ofMillis(50))
        .build();
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());
      HttpRequest request = HttpRequest.newBuilder(raw.uri())
          .method(method, HttpRequest.BodyPublishers.ofString(method))
          .build();

      CompletableFuture<?> future = limited.sendAsync(request, BodyHandlers.discarding());

      assertThatThrownBy(future::get).hasCauseInstanceOf(HttpTimeoutException.class);
      assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT2S");
    }
  }

  @Test
  void requestTimeout_requestWithItsOwn_keepsIt() throws Exception {
    HttpClient limited = BackoffHttpClient.builder(
            JDK, origins.table, request -> BackoffHttpClient.origin(request.uri()))
        .requestTimeout(Duration.ofDays(1))
        .build();
    try (RawPeer raw = hanging()) {
      HttpRequest request =
          HttpRequest.newBuilder(raw.uri()).timeout(Duration.ofMillis(50)).build();

      CompletableFuture<?> future = limited.sendAsync(request, BodyHandlers.discarding());

      assertThatThrownBy(future::get).hasCauseInstanceOf(HttpTimeoutException.class);
    }
  }

  @Test
  void requestTimeout_zero_isAnError() {
    assertThatThrownBy(() -> BackoffHttpClient.builder(JDK, origins.table, request -> "")
            .requestTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("requestTimeout: PT0S (expected: > 0)");
  }

  @Test
  void orTimeout_inTheBodyOfAGoodResponse_isNoFailure() throws Exception {
    CountDownLatch inBody = new CountDownLatch(1);
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 100", "").text("short");
      connection.untilClosed();
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<?> future = client.sendAsync(
          get(raw.uri()), response -> new SignallingBody(inBody, new CountDownLatch(1)));
      inBody.await();

      future.completeExceptionally(new TimeoutException());

      assertThat(origins.known(raw.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void complete_fromOutside_leavesTheOutcomeToTheExchange() throws Exception {
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());
      CompletableFuture<HttpResponse<Void>> future =
          client.sendAsync(get(raw.uri()), BodyHandlers.discarding());

      future.complete(null);

      assertThat(origins.known(raw.uri())).isEqualTo("1 probing");
      raw.die();
      await().untilAsserted(() -> assertThat(origins.known(raw.uri())).isEqualTo("2 cooling PT2S"));
    }
  }

  @Test
  void sendAsync_bodyHandlerThatNeverCompletes_isReportedAtTheHeaders() throws Exception {
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 5", "").text("short");
      connection.untilClosed();
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<HttpResponse<String>> future = client.sendAsync(
          get(raw.uri()),
          response -> BodySubscribers.mapping(
              BodySubscribers.fromSubscriber(new Never(), never -> new CompletableFuture<String>()),
              CompletableFuture::join));

      await().untilAsserted(() -> assertThat(origins.known(raw.uri())).isEqualTo("untracked"));
      assertThat(future).isNotDone();
      future.cancel(true);
    }
  }

  /** Never asks for the body. */
  private static final class Never implements Flow.Subscriber<List<ByteBuffer>> {
    @Override
    public void onSubscribe(Subscription subscription) {}

    @Override
    public void onNext(List<ByteBuffer> item) {}

    @Override
    public void onError(Throwable throwable) {}

    @Override
    public void onComplete() {}
  }

  @Test
  void sendAsync_delegateThatCannotStart_releasesTheProbe() throws Exception {
    HttpClient rejecting = new StubHttpClient() {
      @Override
      public <T> CompletableFuture<HttpResponse<T>> sendAsync(
          HttpRequest request, BodyHandler<T> handler) {
        throw new RejectedExecutionException("the executor is shut down");
      }
    };
    try (RawPeer raw = hanging()) {
      origins.makeDue(raw.uri());

      assertThatThrownBy(() -> BackoffHttpClient.of(rejecting, origins.table)
              .sendAsync(get(raw.uri()), BodyHandlers.discarding()))
          .isInstanceOf(RejectedExecutionException.class);

      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
    }
  }

  @Test
  void sendAsync_outcomesThatThrow_failTheFuture() throws Exception {
    try (JettyPeer peer = new JettyPeer()) {
      HttpClient throwing = BackoffHttpClient.builder(
              JDK, origins.table, request -> BackoffHttpClient.origin(request.uri()))
          .outcomes((response, received) -> {
            throw new IllegalStateException("of the caller");
          })
          .build();
      origins.makeDue(peer.uri());

      assertThatThrownBy(throwing.sendAsync(get(peer.uri()), BodyHandlers.discarding())::get)
          .rootCause()
          .hasMessage("of the caller");
      assertThat(origins.known(peer.uri())).isEqualTo("1 due");
    }
  }

  @Test
  void sendAsync_slowProbeAfterOneFailure_isHeardThoughItsLeaseIsOver() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    FakeClock clock = origins.clock;
    try (RawPeer raw = new RawPeer(connection -> {
      answer.await();
      connection.lines("HTTP/1.1 200 OK", "Content-Length: 0", "");
    })) {
      origins.makeDue(raw.uri());
      CompletableFuture<HttpResponse<Void>> probe =
          client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));
      clock.advance(Duration.ofSeconds(12));
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");

      answer.countDown();
      assertThat(probe.get().statusCode()).isEqualTo(200);

      assertThat(origins.known(raw.uri())).isEqualTo("untracked");
    }
  }

  @Test
  void sendAsync_failure_isWhatTheDelegateThrew() throws Exception {
    try (RawPeer raw = new RawPeer(connection -> {})) {
      CompletableFuture<?> ours = client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
      CompletableFuture<?> theirs = JDK.sendAsync(get(raw.uri()), BodyHandlers.discarding());

      await().until(() -> ours.isDone() && theirs.isDone());
      assertThat(ours.handle((r, e) -> e.getClass()).join())
          .isEqualTo(theirs.handle((r, e) -> e.getClass()).join());
      assertThatThrownBy(ours::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
      assertThat(ours.isCancelled()).isFalse();
    }
  }

  @Test
  void cancel_afterTheEnd_changesNothing() throws Exception {
    try (JettyPeer peer = new JettyPeer()) {
      CompletableFuture<HttpResponse<String>> future =
          client.sendAsync(get(peer.uri()), BodyHandlers.ofString());
      future.get();

      assertThat(future.cancel(true)).isFalse();
      assertThat(future.join().body()).isEqualTo("body");
    }
  }
}
