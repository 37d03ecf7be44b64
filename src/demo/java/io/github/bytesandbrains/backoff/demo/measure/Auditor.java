package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Checks the answers of one table, and counts what became of them. Thread-safe.
 *
 * <p>An answer is judged by the peer's state before and after it. If both are equal, nobody wrote
 * in between, and the answer must follow from that state. If an admission changed nothing but the
 * next retry, it is the probe, and the state before must have been due. An idle peer counts as
 * forgotten: everybody is admitted, and nobody is the probe.
 */
public final class Auditor implements Policy {
  /** Sends this long after a cooldown's end count as sends at its end. */
  private static final long END_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ConcurrentBackoffTable<Peer> table;
  private final Policy audited;
  private final boolean probing;
  private final LongAdder judged = new LongAdder();
  private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();
  private final Map<Cooldown, Integer> sendsAtEnd = new ConcurrentHashMap<>();
  private final Map<Peer, Integer> probes = new ConcurrentHashMap<>();
  private final LongAccumulator mostSends = new LongAccumulator(Math::max, 0);
  private final LongAccumulator mostAttempts = new LongAccumulator(Math::max, 0);

  /** One cooldown of one peer. No two are equal, because the state holds their times. */
  private record Cooldown(Peer peer, BackoffState state) {}

  /**
   * The largest values so far.
   *
   * @param sends admitted to one peer within a millisecond of the end of one cooldown, before any
   *     of them reported
   * @param attempts of any peer's state after a result
   */
  public record Extremes(long sends, long attempts) {}

  /** A probing policy must admit only one send when a cooldown ends. */
  public Auditor(ConcurrentBackoffTable<Peer> table, Policy audited, boolean probing) {
    this.table = table;
    this.audited = audited;
    this.probing = probing;
  }

  @Override
  public ConcurrentBackoffTable<Peer> table() {
    return table;
  }

  /** How many answers could be judged. */
  public long judged() {
    return judged.sum();
  }

  public Optional<String> firstFault() {
    return Optional.ofNullable(firstFault.get());
  }

  public Extremes extremes() {
    return new Extremes(mostSends.get(), mostAttempts.get());
  }

  /** How many sends to the peer are in flight that were admitted while it was tracked. */
  public int probes(Peer peer) {
    return probes.getOrDefault(peer, 0);
  }

  @Override
  public @Nullable Admission admit(Peer peer, long nowNanos) {
    BackoffState before = table.state(peer).orElse(null);
    Admission admission = audited.admit(peer, nowNanos);
    return audit(peer, nowNanos, admission, before);
  }

  /** Audits an answer that was given after the peer had this state. */
  @Nullable
  Admission audit(
      Peer peer, long nowNanos, @Nullable Admission admission, @Nullable BackoffState before) {
    BackoffState after = table.state(peer).orElse(null);
    if (before != null && after != null) {
      judge(new Answer(peer, nowNanos, admission != null), before, after);
    }
    boolean probe = before != null && !isIdle(before, nowNanos);
    return admission == null ? null : new Audited(peer, admission, probe);
  }

  private boolean isIdle(BackoffState state, long nowNanos) {
    return nowNanos - state.nextRetryNanos() >= table.idleTimeout().toNanos();
  }

  @Override
  public long remaining(Peer peer, long nowNanos) {
    return audited.remaining(peer, nowNanos);
  }

  private final class Audited implements Admission {
    private final Peer peer;
    private final Admission admission;
    private final boolean probe;

    Audited(Peer peer, Admission admission, boolean probe) {
      this.peer = peer;
      this.admission = admission;
      this.probe = probe;
      if (probe) {
        probes.merge(peer, 1, Integer::sum);
      }
    }

    @Override
    public void record(SendResult result) {
      admission.record(result);
      table.state(peer).ifPresent(state -> mostAttempts.accumulate(state.attempts()));
    }

    @Override
    public void close() {
      admission.close();
      if (probe) {
        probes.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  private record Answer(Peer peer, long nowNanos, boolean admitted) {}

  private void judge(Answer answer, BackoffState before, BackoffState after) {
    boolean untouched = before.equals(after); // not the same object: a lease is shown by a new one
    boolean leased = answer.admitted && !untouched && sameOutcomes(before, after);
    if (!untouched && !leased) {
      return; // somebody wrote in between: the answer may have been about either state
    }
    judged.increment();
    boolean cooling = before.isCooling(answer.nowNanos);
    if (answer.admitted && cooling) {
      fault("admitted a send to " + answer.peer + " while it was cooling: " + before);
    } else if (!answer.admitted && !cooling) {
      fault("denied a send to " + answer.peer + ", which was due: " + before);
    } else if (answer.admitted && !isIdle(before, answer.nowNanos)) {
      int sends = countAtEnd(answer, before);
      if (probing && (untouched || sends > 1)) {
        fault("admitted a second send to " + answer.peer + " during its probe: " + before);
      }
    }
  }

  /** Whether no outcome was recorded between the two: at most a probe was admitted. */
  private static boolean sameOutcomes(BackoffState before, BackoffState after) {
    return before.attempts() == after.attempts()
        && before.lastAttemptNanos() == after.lastAttemptNanos();
  }

  /** Returns how many sends were admitted at the end of this cooldown so far. */
  private int countAtEnd(Answer answer, BackoffState state) {
    if (answer.nowNanos - state.nextRetryNanos() > END_NANOS) {
      return 0;
    }
    int sends = sendsAtEnd.merge(new Cooldown(answer.peer, state), 1, Integer::sum);
    mostSends.accumulate(sends);
    return sends;
  }

  void fault(String text) {
    firstFault.compareAndSet(null, text);
  }
}
