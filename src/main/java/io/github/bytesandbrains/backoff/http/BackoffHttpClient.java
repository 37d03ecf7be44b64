package io.github.bytesandbrains.backoff.http;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes an {@link HttpClient} that asks a table before it sends a request, and reports to it what
 * came of it. Everything else is the delegate's: connections, redirects, timeouts, executor. The
 * package documentation has an example.
 *
 * <p><b>Before a request</b> a permit is acquired for its peer. If the peer is cooling, nothing is
 * sent: {@code send} throws a {@link PeerCoolingIOException}, and {@code sendAsync} returns a
 * future that failed with one. A request never waits.
 *
 * <p><b>What is reported</b> is decided by {@link HttpOutcomes}, once for each request, in one
 * atomic step: when the headers of the response come, before the body handler sees them, or when
 * the request fails without any. So the probe of a due peer ends at the headers, however long the
 * download or the event stream is, and whatever the body handler does. If the body of a good
 * response breaks later with an I/O error, another permit is acquired at that moment, and records
 * that failure. Permits obey the rule of {@link io.github.bytesandbrains.backoff.Permit}: requests
 * that were in flight when a peer died are one failure.
 *
 * <p><b>The caller's own doing</b> says nothing about the peer, and the permit is released: an
 * interrupt, a cancellation, a request that cannot be sent, a request body that throws, a shutdown
 * of this client. Cancelling the future of {@code sendAsync}, or one derived from it, by {@code
 * cancel(true)} stops the exchange. A {@link java.util.concurrent.TimeoutException}, by {@code
 * orTimeout} on the future itself, is recorded right after as a failure of the peer; the exchange
 * continues. A body that its reader cancels is no failure.
 *
 * <p><b>Redirects.</b> If the delegate follows one to another peer, that is a success for the peer
 * of the request; the final response is reported for the peer that sent it, on a permit of its own.
 * With such a delegate, a response that is no success is reported when its body is complete,
 * because its origin is not known before. If a redirected request fails before its response is
 * returned, the failure counts against the peer of the request, because the JDK does not say which
 * one failed.
 *
 * <p><b>Not covered:</b> WebSockets, which the delegate opens without a permit, and responses that
 * an HTTP/2 server pushes.
 *
 * <p><b>Timeouts.</b> Set {@link HttpClient.Builder#connectTimeout} and {@link
 * HttpRequest.Builder#timeout}, or a peer that hangs never fails. The probe lease of the table
 * should be longer than the timeout of a request, which on JDK 25 and older does not cover the
 * body.
 *
 * <p>The client is thread-safe. On JDK 21 and newer, closing it closes the delegate.
 */
public final class BackoffHttpClient {
  private static final Map<String, Integer> DEFAULT_PORTS = Map.of("http", 80, "https", 443);

  private BackoffHttpClient() {}

  /**
   * Returns a client with the defaults of {@link BackoffHttpClientBuilder}, whose peers are the
   * {@linkplain #origin origins} of the requests.
   */
  public static HttpClient of(HttpClient delegate, ConcurrentBackoffTable<String> table) {
    return builder(delegate, table, request -> origin(request.uri())).build();
  }

  /**
   * Returns a builder of a client with peers of your own: hosts, services, or an origin together
   * with an API key. After a redirect the function is asked about the redirected request.
   *
   * @param peer the peer of a request; what it throws reaches the caller, and nothing is sent
   * @param <P> the type of the peers
   */
  public static <P> BackoffHttpClientBuilder<P> builder(
      HttpClient delegate,
      ConcurrentBackoffTable<P> table,
      Function<? super HttpRequest, ? extends P> peer) {
    return new BackoffHttpClientBuilder<>(delegate, table, peer);
  }

  /**
   * Returns the peer of {@link #of}: scheme, host and port of the URI, in lower case, with the
   * default port filled in. {@code https://Example.com/a?b} is {@code https://example.com:443}.
   *
   * @throws IllegalArgumentException if the scheme is neither http nor https, or the URI has no
   *     host
   */
  public static String origin(URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    Integer defaultPort = DEFAULT_PORTS.get(scheme);
    if (defaultPort == null || uri.getHost() == null) {
      throw new IllegalArgumentException("uri: " + uri + " (expected: http or https, and a host)");
    }
    int port = uri.getPort() < 0 ? defaultPort : uri.getPort();
    return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }
}
