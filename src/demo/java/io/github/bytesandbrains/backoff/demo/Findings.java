package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The table of one run, and what the auditors of its workers have found. Thread-safe. */
final class Findings {
  /** How long after its end sends still count as sends at the end of a cooldown. */
  private static final long END_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ConcurrentBackoffTable<Peer> table;
  private final LongAdder judged = new LongAdder();
  private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();
  private final Map<Cooldown, Integer> sends = new ConcurrentHashMap<>();
  private final Map<Peer, Integer> probes = new ConcurrentHashMap<>();
  private final LongAccumulator mostSends = new LongAccumulator(Math::max, 0);
  private final LongAccumulator mostAttempts = new LongAccumulator(Math::max, 0);

  /** One cooldown of one peer. The state has its times, so that no two are equal. */
  private record Cooldown(Peer peer, BackoffState state) {}

  /**
   * How far it came.
   *
   * @param sends the most sends that were admitted within a millisecond of the end of one cooldown of
   *     one peer, and because of that end: sends that follow the first outcome do not count
   * @param attempts the most attempts that any peer's state has shown after an outcome
   */
  record Extremes(long sends, long attempts) {}

  Findings(ConcurrentBackoffTable<Peer> table) {
    this.table = table;
  }

  ConcurrentBackoffTable<Peer> table() {
    return table;
  }

  /** How many answers could be judged. */
  long judged() {
    return judged.sum();
  }

  Optional<String> firstFault() {
    return Optional.ofNullable(firstFault.get());
  }

  Extremes extremes() {
    return new Extremes(mostSends.get(), mostAttempts.get());
  }

  void judge() {
    judged.increment();
  }

  void fault(String text) {
    firstFault.compareAndSet(null, text);
  }

  /**
   * Counts a send that was admitted after the cooldown of {@code state} had ended.
   *
   * @return how many sends were admitted within a millisecond of that end so far
   */
  int granted(Peer peer, BackoffState state, long nowNanos) {
    if (nowNanos - state.nextRetryNanos() > END_NANOS) {
      return 0;
    }
    int count = sends.merge(new Cooldown(peer, state), 1, Integer::sum);
    mostSends.accumulate(count);
    return count;
  }

  void probeBegun(Peer peer) {
    probes.merge(peer, 1, Integer::sum);
  }

  void probeEnded(Peer peer) {
    probes.computeIfPresent(peer, (probed, count) -> count == 1 ? null : count - 1);
  }

  /** How many sends to the peer are in flight that were admitted while it was tracked. */
  int probes(Peer peer) {
    return probes.getOrDefault(peer, 0);
  }

  /** Takes what an outcome has made of a peer's state. */
  void recorded(BackoffState state) {
    mostAttempts.accumulate(state.attempts());
  }
}
