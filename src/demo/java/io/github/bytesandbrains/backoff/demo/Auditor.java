package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Looks over the shoulder of one worker and its table.
 *
 * <p>An answer is judged by the peer's state as it was before and after: if both are the very same
 * object, nobody wrote in between, and the answer must be what that state says of the time it was
 * asked about. A send shows itself by its outcome, which must follow a "yes" for the same peer.
 */
final class Auditor implements Policy {
  private final Policy audited;
  private final ConcurrentBackoffTable<Peer> table;
  private final Findings findings;

  /** The peer of the latest answer, if that was a "yes" that no outcome has followed yet. */
  private @Nullable Peer admitted;

  /** What the auditors of all workers have found. */
  static final class Findings {
    private final LongAdder judged = new LongAdder();
    private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();

    /** The answers that could be judged. */
    long judged() {
      return judged.sum();
    }

    Optional<String> firstFault() {
      return Optional.ofNullable(firstFault.get());
    }

    private void fault(String text) {
      firstFault.compareAndSet(null, text);
    }
  }

  Auditor(Policy audited, ConcurrentBackoffTable<Peer> table, Findings findings) {
    this.audited = audited;
    this.table = table;
    this.findings = findings;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // an equal state could be one that was written meanwhile
  public boolean admits(Peer peer, long nowNanos) {
    BackoffState before = table.state(peer).orElse(null);
    boolean yes = audited.admits(peer, nowNanos);
    BackoffState after = table.state(peer).orElse(null);
    if (before != null && before == after) {
      findings.judged.increment();
      if (yes == before.isCooling(nowNanos)) {
        findings.fault(
            yes
                ? "a worker was let send to " + peer + " while it was cooling: " + before
                : "a worker was kept from " + peer + ", which was due: " + before);
      }
    }
    admitted = yes ? peer : null;
    return yes;
  }

  @Override
  public void record(Peer peer, Outcome outcome) {
    if (!peer.equals(admitted)) {
      findings.fault("a worker sent to " + peer + " that the table had just said is cooling");
    }
    admitted = null;
    audited.record(peer, outcome);
  }
}
