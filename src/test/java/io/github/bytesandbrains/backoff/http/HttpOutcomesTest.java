package io.github.bytesandbrains.backoff.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

final class HttpOutcomesTest {
  private static final Instant NOW = Instant.parse("2026-11-06T08:49:37Z");
  private static final Set<Integer> FAILURES =
      Set.of(429, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530);
  private static final Set<Integer> NONE = Set.of(407, 408, 421, 425, 511);

  private static Outcome of(HttpOutcomes outcomes, int status, String... headers) {
    return outcomes.ofResponse(response(status, RetryHintsTest.headers(headers)), NOW);
  }

  private static ResponseInfo response(int status, HttpHeaders headers) {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost")).build();
    return new StubHttpClient.Stub<>(request, status, headers);
  }

  private static Outcome ofThrowable(Throwable thrown) {
    return HttpOutcomes.gatewayErrors().ofThrowable(thrown);
  }

  @Test
  void gatewayErrors_everyStatusWithoutAHint_isByTheTable() {
    for (int status = 100; status < 600; status++) {
      Outcome expected = FAILURES.contains(status)
          ? Outcome.failure()
          : NONE.contains(status) ? Outcome.none() : Outcome.success();

      assertThat(of(HttpOutcomes.gatewayErrors(), status)).as("" + status).isEqualTo(expected);
      assertThat(of(HttpOutcomes.gatewayErrors(), status, "Retry-After", "0"))
          .as("elapsed hint, " + status)
          .isEqualTo(expected);
      assertThat(of(HttpOutcomes.gatewayErrors(), status, "Retry-After", "soon"))
          .as("malformed hint, " + status)
          .isEqualTo(expected);
    }
  }

  @Test
  void gatewayErrors_everyStatusWithAHint_isAnAdvisoryIfItIs403Or429Or503() {
    for (int status = 100; status < 600; status++) {
      Outcome expected = Set.of(403, 429, 503).contains(status)
          ? Outcome.advisory(Duration.ofSeconds(30))
          : of(HttpOutcomes.gatewayErrors(), status);

      assertThat(of(HttpOutcomes.gatewayErrors(), status, "Retry-After", "30"))
          .as("" + status)
          .isEqualTo(expected);
      assertThat(of(
              HttpOutcomes.gatewayErrors(),
              status,
              "X-RateLimit-Remaining",
              "0",
              "X-RateLimit-Reset",
              "30"))
          .as("" + status)
          .isEqualTo(expected);
    }
  }

  @Test
  void serverErrors_everyStatus_differsFromTheDefaultIn5xxOnly() {
    for (int status = 100; status < 600; status++) {
      Outcome byDefault = of(HttpOutcomes.gatewayErrors(), status);
      boolean added = status >= 500 && status != 501 && status != 505 && status != 511;

      assertThat(of(HttpOutcomes.serverErrors(), status))
          .as("" + status)
          .isEqualTo(added ? Outcome.failure() : byDefault);
    }
  }

  @Test
  void ofThrowable_ioException_isAFailure() {
    for (Throwable thrown : new Throwable[] {
      new IOException("connection reset"),
      new ConnectException("refused"),
      new UnknownHostException("nowhere"),
      new SSLHandshakeException("untrusted"),
      new HttpTimeoutException("request timed out"),
      new HttpConnectTimeoutException("connect timed out"),
      new ProtocolException("invalid status line"),
      new EOFException("EOF reached while reading"),
      new CompletionException(new IOException("reset")),
      new TimeoutException(),
    }) {
      assertThat(ofThrowable(thrown)).as("" + thrown).isEqualTo(Outcome.failure());
    }
  }

  @Test
  void ofThrowable_callersDoing_isNone() {
    ConcurrentBackoffTable<String> other = ConcurrentBackoffTable.create();
    other.postpone("a", Duration.ofHours(1));
    Throwable denial = catchThrowable(() -> other.acquire("a"));
    Throwable cooling = new PeerCoolingIOException("a", (PeerCoolingException) denial);
    Throwable streams = new IOException("too many concurrent streams");
    for (Throwable thrown : new Throwable[] {
      new InterruptedException(),
      new CancellationException(),
      new IllegalArgumentException("restricted header name: \"Host\""),
      new StackOverflowError(),
      cooling,
      new CompletionException(cooling),
      streams,
      new CompletionException(streams),
      new IOException(streams.getMessage(), streams), // as the JDK wraps it for send
    }) {
      assertThat(ofThrowable(thrown)).as("" + thrown).isEqualTo(Outcome.none());
    }
  }

  @Test
  void ofThrowable_cycleOfCauses_ends() {
    IOException outer = new IOException();
    outer.initCause(new IOException(outer));

    assertThat(ofThrowable(outer)).isEqualTo(Outcome.failure());
  }
}
