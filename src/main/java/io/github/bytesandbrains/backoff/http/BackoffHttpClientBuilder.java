package io.github.bytesandbrains.backoff.http;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds the client of {@link BackoffHttpClient}. Not thread-safe; may build more than one client.
 *
 * @param <P> the type of the peers
 */
public final class BackoffHttpClientBuilder<P> {
  final HttpClient delegate;
  final ConcurrentBackoffTable<P> table;
  final Function<? super HttpRequest, ? extends P> peer;
  HttpOutcomes outcomes = HttpOutcomes.gatewayErrors();
  boolean postponeExhausted;

  @Nullable
  Duration requestTimeout;

  InstantSource wallClock = InstantSource.system();

  BackoffHttpClientBuilder(
      HttpClient delegate,
      ConcurrentBackoffTable<P> table,
      Function<? super HttpRequest, ? extends P> peer) {
    this.delegate = requireNonNull(delegate, "delegate");
    this.table = requireNonNull(table, "table");
    this.peer = requireNonNull(peer, "peer");
  }

  /** Sets what counts as a failure; {@link HttpOutcomes#gatewayErrors()} unless set. */
  public BackoffHttpClientBuilder<P> outcomes(HttpOutcomes outcomes) {
    this.outcomes = requireNonNull(outcomes, "outcomes");
    return this;
  }

  /**
   * Sets whether a good response that says that it used up a rate limit ({@link
   * RetryHints#exhaustedLimit}) postpones the peer until the limit is reset, within {@code
   * maxAdvisory}; false unless set. See {@link ConcurrentBackoffTable#postpone(Object,
   * Duration)}: otherwise the server would reject the next request.
   */
  public BackoffHttpClientBuilder<P> postponeExhausted(boolean postponeExhausted) {
    this.postponeExhausted = postponeExhausted;
    return this;
  }

  /**
   * Sets the {@linkplain HttpRequest.Builder#timeout timeout} of a request that has none; none
   * unless set. Useful where another library makes the requests. Some of those cancel a request
   * that takes too long, as Spring's {@code RestClient} does, and a cancellation says nothing about
   * the peer. This timeout should then be the shorter one.
   *
   * @throws IllegalArgumentException if {@code requestTimeout} is not positive
   */
  public BackoffHttpClientBuilder<P> requestTimeout(Duration requestTimeout) {
    if (requestTimeout.isNegative() || requestTimeout.isZero()) {
      throw new IllegalArgumentException("requestTimeout: " + requestTimeout + " (expected: > 0)");
    }
    this.requestTimeout = requestTimeout;
    return this;
  }

  /**
   * Sets the wall clock, against which a point in time in a response without a {@code Date} is
   * measured; the system's unless set. Delays run on the table's clock.
   */
  public BackoffHttpClientBuilder<P> wallClock(InstantSource wallClock) {
    this.wallClock = requireNonNull(wallClock, "wallClock");
    return this;
  }

  /** Returns a new client. */
  public HttpClient build() {
    return new PermitHttpClient<>(this);
  }
}
