package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.http.RetryHints;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** OkHttp, Apache HttpClient and others: the outcome of a response by its status and headers. */
final class OtherHttpClients {
  private OtherHttpClients() {}

  // quoted
  static Outcome classify(int status, Map<String, List<String>> headers) {
    return switch (status) {
      case 429, 503 ->
        RetryHints.delay(HttpHeaders.of(headers, (name, value) -> true), Instant.now())
            .map(Outcome::advisory)
            .orElse(Outcome.failure());
      case 502, 504 -> Outcome.failure();
      default -> Outcome.success();
    };
  }
  // end
}
