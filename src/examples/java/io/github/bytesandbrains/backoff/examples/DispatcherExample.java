package io.github.bytesandbrains.backoff.examples;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.Permit;
import io.github.bytesandbrains.backoff.examples.Transport.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Worker threads that deliver messages. A message for a peer that is cooling, busy or unreachable
 * is scheduled again, so no worker waits for a dead peer. When a peer is due, one message is the
 * probe.
 */
final class DispatcherExample {
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
          .withJitter(Jitter.equal()))
      .probeLease(TIMEOUT.multipliedBy(2)) // longer than a send can take
      .build();
  private final Transport transport;
  private final ScheduledExecutorService workers;

  DispatcherExample(Transport transport, ScheduledExecutorService workers) {
    this.transport = transport;
    this.workers = workers;
  }

  // quoted
  void deliver(String peer) { // called by any number of threads
    Permit permit = table.tryAcquire(peer).orElse(null);
    if (permit == null) {
      deliverAfter(table.remaining(peer), peer);
      return;
    }
    try {
      Reply reply = transport.send(peer, TIMEOUT);
      if (reply.isBusy()) {
        permit.recordRemoteAdvisory(reply.retryAfter().orElse(Duration.ofSeconds(1)));
        deliverAfter(table.remaining(peer), peer);
      } else {
        permit.recordSuccess();
      }
    } catch (IOException e) {
      permit.recordFailure();
      deliverAfter(table.remaining(peer), peer);
    } finally {
      permit.close(); // releases it if nothing was recorded
    }
  }
  // end

  private void deliverAfter(Duration delay, String peer) {
    var unused = workers.schedule(() -> deliver(peer), delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
