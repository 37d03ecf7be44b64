package io.github.bytesandbrains.backoff.http;

import static io.github.bytesandbrains.backoff.http.BackoffHttpClientTest.get;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** That the client is one wherever an {@code HttpClient} is taken. */
@Timeout(60)
final class DelegationTest {
  private final Origins origins = new Origins();

  @Test
  void getters_configuredDelegate_areItsOwn() throws Exception {
    Executor executor = Executors.newCachedThreadPool();
    HttpClient jdk = HttpClient.newBuilder()
        .authenticator(new Authenticator() {})
        .connectTimeout(Duration.ofSeconds(3))
        .cookieHandler(new CookieManager())
        .executor(executor)
        .followRedirects(Redirect.NORMAL)
        .proxy(ProxySelector.of(null))
        .sslContext(SSLContext.getDefault())
        .version(Version.HTTP_1_1)
        .build();
    HttpClient client = BackoffHttpClient.of(jdk, origins.table);

    assertThat(client.authenticator()).isPresent().isEqualTo(jdk.authenticator());
    assertThat(client.connectTimeout()).contains(Duration.ofSeconds(3));
    assertThat(client.cookieHandler()).isPresent().isEqualTo(jdk.cookieHandler());
    assertThat(client.executor()).containsSame(executor);
    assertThat(client.followRedirects()).isEqualTo(Redirect.NORMAL);
    assertThat(client.proxy()).isPresent().isEqualTo(jdk.proxy());
    assertThat(client.sslContext()).isSameAs(jdk.sslContext());
    assertThat(client.sslParameters().getProtocols())
        .isEqualTo(jdk.sslParameters().getProtocols());
    assertThat(client.version()).isEqualTo(Version.HTTP_1_1);
    assertThat(client).hasToString("BackoffHttpClient[" + jdk + "]");
  }

  @Test
  void everyInstanceMethodOfThisJdksHttpClient_isDelegated() {
    assertThat(Stream.of(HttpClient.class.getMethods())
            .filter(method -> method.getDeclaringClass() == HttpClient.class)
            .filter(method -> !Modifier.isStatic(method.getModifiers())))
        .hasSizeGreaterThan(10)
        .allSatisfy(method -> assertThat(PermitHttpClient.class
                .getMethod(method.getName(), method.getParameterTypes())
                .getDeclaringClass())
            .as(method.toString())
            .isEqualTo(PermitHttpClient.class));
  }

  @Test
  void sendAsync_pushPromiseHandler_isPassedOn() throws Exception {
    AtomicReference<@Nullable PushPromiseHandler<?>> seen = new AtomicReference<>();
    HttpClient stub = new StubHttpClient() {
      @Override
      public <T> CompletableFuture<HttpResponse<T>> sendAsync(
          HttpRequest request,
          BodyHandler<T> handler,
          @Nullable PushPromiseHandler<T> pushHandler) {
        seen.set(pushHandler);
        handler.apply(new Stub<>(request, 503, RetryHintsTest.headers("Retry-After", "30")));
        return CompletableFuture.completedFuture(
            new Stub<>(request, 503, HttpHeaders.of(Map.of(), (n, v) -> true)));
      }
    };
    PushPromiseHandler<Void> handler = (initiating, pushed, acceptor) -> {};
    URI uri = URI.create("http://127.0.0.1:1/");

    HttpResponse<Void> response = BackoffHttpClient.of(stub, origins.table)
        .sendAsync(get(uri), BodyHandlers.discarding(), handler)
        .get();

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(seen.get()).isSameAs(handler);
    assertThat(origins.known(uri)).isEqualTo("1 cooling PT30S");
  }

  @Test
  void newWebSocketBuilder_realServer_opensAWebSocketUnasked() throws Exception {
    HttpClient client = BackoffHttpClient.of(HttpClient.newHttpClient(), origins.table);
    CompletableFuture<String> received = new CompletableFuture<>();
    try (RawPeer raw = new RawPeer(connection -> {
      connection.lines(
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: " + accept(connection.header("Sec-WebSocket-Key")),
          "");
      connection.text("\u0081\u0002hi"); // a text frame
      connection.untilClosed();
    })) {
      URI uri = URI.create(raw.uri().toString().replace("http:", "ws:"));
      WebSocket socket = client
          .newWebSocketBuilder()
          .buildAsync(uri, new WebSocket.Listener() {
            @Override
            public @Nullable CompletionStage<?> onText(
                WebSocket webSocket, CharSequence data, boolean last) {
              received.complete(data.toString());
              return null;
            }
          })
          .get();

      assertThat(received.get()).isEqualTo("hi");
      assertThat(origins.table.stats().granted()).isZero();
      socket.abort();
    }
  }

  private static String accept(String key) throws Exception {
    byte[] bytes = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1);
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(bytes));
  }

  // Since JDK 21. By reflection, as the tests are compiled for 17.

  private static Object call(HttpClient client, String method, Object... arguments)
      throws Exception {
    Class<?>[] types = Stream.of(arguments).map(Object::getClass).toArray(Class<?>[]::new);
    Method declared = HttpClient.class.getMethod(method, types);
    return declared.invoke(client, arguments);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void close_jdk21_closesTheDelegate() throws Exception {
    HttpClient jdk = HttpClient.newHttpClient();
    HttpClient client = BackoffHttpClient.of(jdk, origins.table);
    assertThat(call(client, "isTerminated")).isEqualTo(false);

    ((AutoCloseable) (Object) client).close();

    assertThat(call(jdk, "isTerminated")).isEqualTo(true);
    assertThat(call(client, "isTerminated")).isEqualTo(true);
    assertThat(call(client, "awaitTermination", Duration.ofSeconds(9))).isEqualTo(true);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void awaitTermination_jdk21RequestInFlight_isFalseUntilShutdownNow() throws Exception {
    HttpClient client = BackoffHttpClient.of(HttpClient.newHttpClient(), origins.table);
    try (RawPeer raw = new RawPeer(RawPeer.Connection::untilClosed)) {
      origins.makeDue(raw.uri());
      CompletableFuture<?> future = client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));

      call(client, "shutdown");
      assertThat(call(client, "awaitTermination", Duration.ofMillis(1))).isEqualTo(false);
      call(client, "shutdownNow");

      assertThatThrownBy(future::get).hasCauseInstanceOf(IOException.class);
      assertThat(call(client, "awaitTermination", Duration.ofSeconds(9))).isEqualTo(true);
      assertThat(origins.known(raw.uri())).isEqualTo("1 due"); // no failure of the peer
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void awaitTermination_jdk21Interrupted_throwsInterruptedException() {
    HttpClient client = BackoffHttpClient.of(HttpClient.newHttpClient(), origins.table);

    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> call(client, "awaitTermination", Duration.ofSeconds(9)))
        .isInstanceOf(InvocationTargetException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_20)
  void close_olderJdk_isAnErrorForWhoeverReachesIt() {
    PermitHttpClient<?> client =
        (PermitHttpClient<?>) BackoffHttpClient.of(HttpClient.newHttpClient(), origins.table);

    assertThatThrownBy(client::close)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("HttpClient.close needs JDK 21");
  }
}
