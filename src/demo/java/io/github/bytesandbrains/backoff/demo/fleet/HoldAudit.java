package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Checks the holds that nodes adopt. None lasts longer than {@code maxAdopted} after the last
 * failure of any node, nor much longer than the delay of the node that failed. Thread-safe.
 */
final class HoldAudit {
  /** Nodes reckon the time of Redis, each by itself. */
  static final Duration TOLERANCE = Duration.ofMillis(100);

  private final Duration maxAdopted;
  private final Map<Peer, BackoffState> lastToRetry = new ConcurrentHashMap<>();
  private final LongAdder checked = new LongAdder();
  private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();

  HoldAudit(Duration maxAdopted) {
    this.maxAdopted = maxAdopted;
  }

  /** A node has failed itself. */
  void failed(Peer peer, BackoffState state) {
    lastToRetry.merge(
        peer,
        state,
        (one, other) -> one.nextRetryNanos() - other.nextRetryNanos() > 0 ? one : other);
  }

  /** Checks a hold that a node has adopted. */
  void adopted(Node node, Peer peer, BackoffState state) {
    checked.increment();
    BackoffState failed = lastToRetry.get(peer);
    if (failed == null) {
      fault(node + " leaves " + peer + " alone, which nobody found failing");
      return;
    }
    Duration held = Duration.ofNanos(state.nextRetryNanos() - failed.lastAttemptNanos());
    Duration longest = longest(failed);
    if (held.compareTo(longest) > 0) {
      fault(node + " leaves " + peer + " alone until " + held
          + " after a node failed (expected: up to " + longest + ")");
    }
  }

  /** Other nodes wait until the one that failed has retried, with jitter, and they have heard. */
  private Duration longest(BackoffState failed) {
    Duration delay = Duration.ofNanos(failed.nextRetryNanos() - failed.lastAttemptNanos());
    Duration heard = delay.plus(delay.dividedBy(10)).plusMillis(200);
    return (heard.compareTo(maxAdopted) < 0 ? heard : maxAdopted).plus(TOLERANCE);
  }

  /** How often a hold was checked. */
  long checked() {
    return checked.sum();
  }

  Optional<String> firstFault() {
    return Optional.ofNullable(firstFault.get());
  }

  private void fault(String text) {
    firstFault.compareAndSet(null, text);
  }
}
