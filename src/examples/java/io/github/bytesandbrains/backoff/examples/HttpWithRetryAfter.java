package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import io.github.bytesandbrains.backoff.http.PeerCoolingIOException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * An HTTP client that leaves a failing server alone, and follows its {@code Retry-After}. Meanwhile
 * a request is put aside, and nothing is sent.
 */
final class HttpWithRetryAfter {
  private final BiConsumer<HttpRequest, Duration> later;

  /** @param later puts a request aside for a time */
  HttpWithRetryAfter(BiConsumer<HttpRequest, Duration> later) {
    this.later = later;
  }

  // quoted
  final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
          .withJitter(Jitter.equal()))
      .maxAdvisory(Duration.ofMinutes(10)) // the longest Retry-After to follow
      .build();

  final HttpClient client = BackoffHttpClient.of(
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build(), table);

  Optional<String> get(URI uri) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(); // or it may hang
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (PeerCoolingIOException e) { // nothing was sent
      later.accept(request, e.remaining()); // yours: sends it again after that delay
      return Optional.empty();
    }
  }
  // end
}
