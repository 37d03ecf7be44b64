package io.github.bytesandbrains.backoff.http;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.Permit;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Sends with a permit, and leaves the rest to the delegate. */
final class PermitHttpClient<P> extends HttpClient {
  private static final Class<?>[] NO_PARAMETERS = {};

  private final HttpClient delegate;
  private final Function<? super HttpRequest, ? extends P> peers;
  final ConcurrentBackoffTable<P> table;
  final HttpOutcomes outcomes;
  final boolean postponeExhausted;
  final @Nullable Duration requestTimeout;
  final InstantSource wallClock;

  /** Whether a response may come from another peer than the one that was asked. */
  final boolean followsRedirects;

  /** Whether a send fails after the headers only because its body broke. */
  final boolean isOfTheJdk;

  /** What fails from then on fails because of that. */
  private volatile boolean shutdown;

  PermitHttpClient(BackoffHttpClientBuilder<P> builder) {
    delegate = builder.delegate;
    peers = builder.peer;
    table = builder.table;
    outcomes = builder.outcomes;
    postponeExhausted = builder.postponeExhausted;
    requestTimeout = builder.requestTimeout;
    wallClock = builder.wallClock;
    isOfTheJdk = delegate.getClass().getModule() == HttpClient.class.getModule();
    followsRedirects = delegate.followRedirects() != Redirect.NEVER;
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    Exchange<P, T> exchange = begin(request, handler);
    HttpResponse<T> response;
    try {
      response = delegate.send(exchange.watched(request), exchange);
    } catch (Throwable thrown) {
      exchange.failed(thrown);
      throw thrown;
    }
    exchange.responded(response);
    return response;
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return start(request, handler, (watched, exchange) -> delegate.sendAsync(watched, exchange));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, PushPromiseHandler<T> pushHandler) {
    return start(
        request,
        handler,
        (watched, exchange) -> delegate.sendAsync(watched, exchange, pushHandler));
  }

  private interface AsyncSend<T> {
    CompletableFuture<HttpResponse<T>> start(HttpRequest request, BodyHandler<T> handler);
  }

  private <T> CompletableFuture<HttpResponse<T>> start(
      HttpRequest request, BodyHandler<T> handler, AsyncSend<T> send) {
    Exchange<P, T> exchange;
    try {
      exchange = begin(request, handler);
    } catch (PeerCoolingIOException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<HttpResponse<T>> sent;
    try {
      sent = send.start(exchange.watched(request), exchange);
    } catch (Throwable thrown) {
      exchange.failed(thrown);
      throw thrown;
    }
    return exchange.watch(sent);
  }

  private <T> Exchange<P, T> begin(HttpRequest request, BodyHandler<T> handler)
      throws PeerCoolingIOException {
    requireNonNull(handler, "handler");
    P peer = peer(request);
    Permit permit;
    try {
      permit = table.acquire(peer);
    } catch (PeerCoolingException e) {
      throw new PeerCoolingIOException(peer, e);
    }
    return new Exchange<>(this, peer, permit, handler);
  }

  P peer(HttpRequest request) {
    return requireNonNull(peers.apply(request), "the peer of the request");
  }

  boolean isShutdown() {
    return shutdown;
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return delegate.newWebSocketBuilder();
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return delegate.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return delegate.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return delegate.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return delegate.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return delegate.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return delegate.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return delegate.authenticator();
  }

  @Override
  public Version version() {
    return delegate.version();
  }

  @Override
  public Optional<Executor> executor() {
    return delegate.executor();
  }

  // HttpClient has these since JDK 21, so an override compiled for 17 cannot call them by name.

  public void shutdown() {
    shutdown = true;
    lifecycle("shutdown", NO_PARAMETERS);
  }

  public void shutdownNow() {
    shutdown = true;
    lifecycle("shutdownNow", NO_PARAMETERS);
  }

  public boolean awaitTermination(Duration duration) throws InterruptedException {
    return Boolean.TRUE.equals(
        lifecycle("awaitTermination", new Class<?>[] {Duration.class}, duration));
  }

  public boolean isTerminated() {
    return Boolean.TRUE.equals(lifecycle("isTerminated", NO_PARAMETERS));
  }

  public void close() {
    shutdown = true;
    lifecycle("close", NO_PARAMETERS);
  }

  private @Nullable Object lifecycle(String method, Class<?>[] parameters, Object... arguments) {
    try {
      return HttpClient.class.getMethod(method, parameters).invoke(delegate, arguments);
    } catch (InvocationTargetException e) {
      throw PermitHttpClient.<RuntimeException>unchecked(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("HttpClient." + method + " needs JDK 21", e);
    }
  }

  /** Throws what the delegate threw as it is: an InterruptedException, or unchecked. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(@Nullable Throwable thrown) throws X {
    throw (X) requireNonNull(thrown);
  }

  @Override
  public String toString() {
    return "BackoffHttpClient[" + delegate + "]";
  }
}
