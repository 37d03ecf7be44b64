package io.github.bytesandbrains.backoff.http;

import io.github.bytesandbrains.backoff.Outcome;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what a response, or the exception in place of one, says about the peer. {@link
 * #gatewayErrors()} is the default:
 *
 * <table>
 *   <caption>Outcomes by default</caption>
 *   <tr><th>what came</th><th>outcome</th></tr>
 *   <tr><td>403, 429 or 503 with a delay above zero, see {@link RetryHints#delay}</td>
 *       <td>advisory</td></tr>
 *   <tr><td>429, 503 without one, or with one that has elapsed; 502, 504; 520 to 527, 529, 530</td>
 *       <td>failure</td></tr>
 *   <tr><td>an {@link IOException}: no connection, no such host, TLS, a timeout, a connection that
 *       breaks, a protocol error</td><td>failure</td></tr>
 *   <tr><td>407, 408, 421, 425, 511; an interrupt, a cancellation, a fault of the program, too many
 *       concurrent streams</td><td>none</td></tr>
 *   <tr><td>any other response, 4xx, 500, 501 and 505 included</td><td>success: the peer is
 *       there</td></tr>
 * </table>
 *
 * <p>A 500 is a success because the table has no threshold: one request that a server cannot digest
 * would deny the peer to everybody. {@link #serverErrors()} decides otherwise. A function of your
 * own may build on either:
 *
 * <pre>{@code
 * HttpOutcomes outcomes = (response, received) -> response.statusCode() == 418
 *     ? Outcome.advisory(Duration.ofMinutes(5))
 *     : HttpOutcomes.gatewayErrors().ofResponse(response, received);
 * }</pre>
 *
 * <p>Called by many threads, those of the client included, so it must not block. If it throws, the
 * permit is released. What {@link #ofResponse} throws fails the request; what {@link #ofThrowable}
 * throws is added to the suppressed exceptions of the request's own.
 */
@FunctionalInterface
public interface HttpOutcomes {
  /**
   * Returns what the headers of a response say about the peer that sent them.
   *
   * @param received the wall-clock time at which they came; {@link RetryHints} needs it
   */
  Outcome ofResponse(ResponseInfo response, Instant received);

  /**
   * Returns what an exception of the client says about the peer: {@link Outcome#of(Throwable)},
   * except that two say nothing: an HTTP/2 connection that has reached its stream limit, and an
   * {@link java.net.Authenticator} without the right credentials, because the peer did answer. Not
   * asked about a request that the caller cancelled.
   */
  default Outcome ofThrowable(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < 16 && cause != null; i++) { // a chain of causes may be a cycle
      if (cause instanceof IOException && ClientFaults.isNamedBy(cause.getMessage())) {
        return Outcome.none();
      }
      cause = cause.getCause();
    }
    return Outcome.of(ClientFaults.unwrapped(thrown));
  }

  /** Returns the default: the statuses of the table above. */
  static HttpOutcomes gatewayErrors() {
    return (response, received) -> gatewayError(response, received).orElse(Outcome.success());
  }

  /**
   * Returns the default with one difference: every other status from 500 on is a failure too,
   * except 501 and 505, which are about the request.
   */
  static HttpOutcomes serverErrors() {
    return (response, received) -> {
      int status = response.statusCode();
      boolean failed = status >= 500 && status != 501 && status != 505;
      return gatewayError(response, received)
          .orElse(failed ? Outcome.failure() : Outcome.success());
    };
  }

  /** What the table above says other than success. */
  private static Optional<Outcome> gatewayError(ResponseInfo response, Instant received) {
    return switch (response.statusCode()) {
      case 403 -> advisory(response, received);
      case 429, 503 -> advisory(response, received).or(() -> Optional.of(Outcome.failure()));
      case 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530 ->
        Optional.of(Outcome.failure());
      case 407, 408, 421, 425, 511 -> Optional.of(Outcome.none());
      default -> Optional.empty();
    };
  }

  private static Optional<Outcome> advisory(ResponseInfo response, Instant received) {
    return RetryHints.delay(response.headers(), received)
        .filter(delay -> delay.compareTo(Duration.ZERO) > 0)
        .map(Outcome::advisory);
  }
}
