package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffState;
import org.jspecify.annotations.Nullable;

/**
 * Looks over the shoulder of one worker and its table.
 *
 * <p>The auditor judges an answer by the peer's state before and after it. If both are equal,
 * nobody wrote in between, and the answer must be what that state says about the time of the
 * question. If a "yes" changed nothing but the next retry, the worker became the probe, and the state
 * before must have been due. An idle peer is as good as forgotten: everybody may send, and nobody is the probe.
 * The auditor recognizes a send by its outcome, which must follow a "yes" for the same peer.
 */
final class Auditor implements Policy {
  private final Policy audited;
  private final Findings findings;

  /** The peer of the latest answer, if that was a "yes" that no outcome has followed yet. */
  private @Nullable Peer admitted;

  /** The same, if the peer was tracked and not idle when it was admitted. */
  private @Nullable Peer probed;

  Auditor(Policy audited, Findings findings) {
    this.audited = audited;
    this.findings = findings;
  }

  @Override
  public boolean admits(Peer peer, long nowNanos) {
    BackoffState before = findings.table().state(peer).orElse(null);
    boolean yes = audited.admits(peer, nowNanos);
    BackoffState after = findings.table().state(peer).orElse(null);
    if (before != null && after != null) {
      judge(new Answer(peer, nowNanos, yes), before, after);
    }
    admitted = yes ? peer : null;
    probe(yes && before != null && !isIdle(before, nowNanos) ? peer : null);
    return yes;
  }

  private boolean isIdle(BackoffState state, long nowNanos) {
    long idleNanos = nowNanos - state.nextRetryNanos();
    return idleNanos >= findings.table().idleTimeout().toNanos();
  }

  private void probe(@Nullable Peer next) {
    if (probed != null) {
      findings.probeEnded(probed);
    }
    probed = next;
    if (next != null) {
      findings.probeBegun(next);
    }
  }

  private record Answer(Peer peer, long nowNanos, boolean yes) {}

  private void judge(Answer answer, BackoffState before, BackoffState after) {
    boolean untouched = before.equals(after); // not the very object: a lease is shown by a new one
    boolean leased = answer.yes && !untouched && sameOutcomes(before, after);
    if (!untouched && !leased) {
      return; // somebody wrote meanwhile: the answer may have been about either state
    }
    findings.judge();
    boolean cooling = before.isCooling(answer.nowNanos);
    if (answer.yes == cooling) {
      findings.fault(
          cooling
              ? "a worker was let send to " + answer.peer + " while it was cooling: " + before
              : "a worker was kept from " + answer.peer + ", which was due: " + before);
    } else if (answer.yes && !isIdle(before, answer.nowNanos)) {
      int sends = findings.granted(answer.peer, before, answer.nowNanos);
      if (audited.probes() && (untouched || sends > 1)) {
        findings.fault("a worker was let send to " + answer.peer + " beside its probe: " + before);
      }
    }
  }

  /** Whether no outcome was recorded between the two; at most a probe was admitted. */
  private static boolean sameOutcomes(BackoffState before, BackoffState after) {
    return before.attempts() == after.attempts()
        && before.lastAttemptNanos() == after.lastAttemptNanos();
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return audited.remaining(peer, nowNanos);
  }

  @Override
  public void record(Peer peer, Outcome outcome) {
    if (!peer.equals(admitted)) {
      findings.fault("a worker sent to " + peer + " that the table had just said is cooling");
      return; // nobody waits for this outcome
    }
    admitted = null;
    audited.record(peer, outcome);
    findings.table().state(peer).ifPresent(findings::recorded);
    probe(null);
  }

  @Override
  public boolean probes() {
    return audited.probes();
  }

  @Override
  public void close() {
    audited.close();
    probe(null);
  }
}
