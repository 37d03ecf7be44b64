package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks many servers concurrently over HTTP, and returns what came in time. One that is cooling is
 * left out at once; one that does not answer in time has failed.
 */
final class AsyncHttpToManyPeers {
  private final HttpClient client;
  private final Duration timeout;

  AsyncHttpToManyPeers(HttpClient client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  // quoted
  static HttpClient client(Duration timeout) {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
            .withJitter(Jitter.equal()))
        .probeLease(timeout.multipliedBy(2)) // longer than a request can take
        .build();
    return BackoffHttpClient.of(HttpClient.newHttpClient(), table);
  }

  CompletableFuture<List<String>> getAll(List<URI> uris) {
    List<CompletableFuture<Optional<String>>> asked =
        uris.stream().map(this::get).toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> asked.stream().flatMap(body -> body.join().stream()).toList());
  }

  CompletableFuture<Optional<String>> get(URI uri) {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
    return client
        .sendAsync(request, BodyHandlers.ofString())
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS) // a hanging body is a failure too
        .thenApply(response ->
            response.statusCode() == 200 ? Optional.of(response.body()) : Optional.<String>empty())
        .exceptionally(coolingOrFailed -> Optional.empty());
  }
  // end
}
