package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.examples.Transport.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks many peers concurrently and returns the replies that came in time. A peer that is cooling is
 * left out at once. One that does not answer in time has failed, and one that answers that it is
 * busy is left alone for as long as it asks.
 */
final class FanOutExample {
  final ConcurrentBackoffTable<String> table;
  private final Transport transport;
  private final Duration timeout;

  FanOutExample(Transport transport, Duration timeout) {
    this.transport = transport;
    this.timeout = timeout;
    table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
            .withJitter(Jitter.equal()))
        .probeLease(timeout.multipliedBy(2)) // longer than a request can take
        .build();
  }

  // quoted
  CompletableFuture<List<Reply>> askAll(List<String> peers) {
    List<CompletableFuture<Optional<Reply>>> asked =
        peers.stream().map(this::ask).toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> asked.stream().flatMap(reply -> reply.join().stream()).toList());
  }

  CompletableFuture<Optional<Reply>> ask(String peer) {
    return table
        .callAsync(peer, () -> transport.sendAsync(peer), CallExample::classify)
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS) // recorded as a failure
        .thenApply(Optional::of)
        .exceptionally(coolingOrFailed -> Optional.empty());
  }
  // end
}
