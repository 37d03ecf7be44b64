/**
 * An {@link java.net.http.HttpClient} that leaves failing peers alone and follows {@code
 * Retry-After}.
 *
 * <h2>A short tour</h2>
 *
 * {@link io.github.bytesandbrains.backoff.http.BackoffHttpClient#of} puts a table in front of a
 * client. The result is an {@code HttpClient} too, so it can be used wherever one is taken:
 *
 * <pre>{@code
 * final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
 *     .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
 *         .withJitter(Jitter.equal()))
 *     .maxAdvisory(Duration.ofMinutes(10)) // the longest Retry-After to follow
 *     .build();
 *
 * final HttpClient client = BackoffHttpClient.of(
 *     HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build(), table);
 *
 * Optional<String> get(URI uri) throws IOException, InterruptedException {
 *   HttpRequest request =
 *       HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(); // or it may hang
 *   try {
 *     HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
 *     return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
 *   } catch (PeerCoolingIOException e) { // nothing was sent
 *     later.accept(request, e.remaining()); // yours: sends it again after that delay
 *     return Optional.empty();
 *   }
 * }
 * }</pre>
 *
 * <p>Asking many peers concurrently, for as long as a caller can wait:
 *
 * <pre>{@code
 * static HttpClient client(Duration timeout) {
 *   ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
 *       .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
 *           .withJitter(Jitter.equal()))
 *       .probeLease(timeout.multipliedBy(2)) // longer than a request can take
 *       .build();
 *   return BackoffHttpClient.of(HttpClient.newHttpClient(), table);
 * }
 *
 * CompletableFuture<List<String>> getAll(List<URI> uris) {
 *   List<CompletableFuture<Optional<String>>> asked =
 *       uris.stream().map(this::get).toList();
 *   return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
 *       .thenApply(all -> asked.stream().flatMap(body -> body.join().stream()).toList());
 * }
 *
 * CompletableFuture<Optional<String>> get(URI uri) {
 *   HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
 *   return client
 *       .sendAsync(request, BodyHandlers.ofString())
 *       .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS) // a hanging body is a failure too
 *       .thenApply(response ->
 *           response.statusCode() == 200 ? Optional.of(response.body()) : Optional.<String>empty())
 *       .exceptionally(coolingOrFailed -> Optional.empty());
 * }
 * }</pre>
 *
 * <p>A request takes a {@link io.github.bytesandbrains.backoff.Permit} before it is sent, and
 * reports when the headers of the response come, or when it fails:
 *
 * <ul>
 *   <li>{@link io.github.bytesandbrains.backoff.http.BackoffHttpClient}: what is sent, reported and
 *       thrown, and when;
 *   <li>{@link io.github.bytesandbrains.backoff.http.HttpOutcomes}: which responses and exceptions
 *       are failures of the peer;
 *   <li>{@link io.github.bytesandbrains.backoff.http.RetryHints}: the delay that the headers of a
 *       response request. Useful with any other HTTP client too.
 * </ul>
 *
 * <p>The package needs the module {@code java.net.http}, which the rest of the library does not.
 */
@NullMarked
package io.github.bytesandbrains.backoff.http;

import org.jspecify.annotations.NullMarked;
