package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.github.bytesandbrains.backoff.examples.Transport.Reply;
import java.time.Duration;

/**
 * One call per request. A peer that answers 429 or 503 is left alone for as long as it asks; one
 * that throws, for as long as the schedule says. While it is left alone, a request fails with a
 * {@link PeerCoolingException} and nothing is sent.
 */
final class CallExample {
  private final Transport transport;

  CallExample(Transport transport) {
    this.transport = transport;
  }

  // quoted
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
          .withJitter(Jitter.equal()))
      .probeLease(TIMEOUT.multipliedBy(2)) // longer than a request can take
      .build();

  Reply request(String peer) throws Exception {
    return table.call(peer, () -> transport.send(peer, TIMEOUT), reply -> classify(reply));
  }

  static Outcome classify(Reply reply) {
    return switch (reply.status()) {
      case 429, 503 -> reply.retryAfter().map(Outcome::advisory).orElse(Outcome.failure());
      case 502, 504 -> Outcome.failure();
      default -> Outcome.success(); // even a 404 shows that the peer is up
    };
  }
  // end
}
