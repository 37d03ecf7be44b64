package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;
import io.github.bytesandbrains.backoff.OperationSequence.Kind;
import io.github.bytesandbrains.backoff.OperationSequence.Operation;
import io.github.bytesandbrains.backoff.OperationSequence.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs sequences of operations on a table and on {@link SequentialBackoffTable}, and compares the
 * answers.
 *
 * <p>A table may reclaim the memory of an idle peer at any time. So after each step the check looks
 * which peers the table holds: a peer that it dropped must be idle, and the specification drops it
 * too. Everything else must be equal, including idle peers that the table still shows.
 */
final class SpecificationCheck {
  /** New peers that a table of strong peers may need until it is within its bound. */
  private static final int MAX_NEWCOMERS = 8;

  /** How far the index may be ahead of a time that runs backward. */
  private static final long TICK_NANOS = 1L << 30;

  private SpecificationCheck() {}

  /** A table under test. */
  interface Subject extends BackoffOperations<Integer> {
    /** Sets the time of the next operation, and which of its two forms to call. */
    void clock(long nowNanos, boolean clockForm);

    /** Whether anything is held for the peer, if only the marker of a recovery. */
    boolean holds(Integer peer);

    /** The number of peers for which anything is held. */
    long held();

    /** What is inconsistent inside, or an empty string. */
    String inconsistency();

    /** The tracked peers that were evicted, or {@code reclaimed} if the table counts none. */
    long evictions(long reclaimed);
  }

  record Failure(long seed, OperationSequence shrunk, String what) {
    int steps() {
      return shrunk.steps().size();
    }

    @Override
    public String toString() {
      return what + "\n-Dproperty.rounds=1 -Dproperty.seed=" + seed + "\n" + shrunk;
    }
  }

  static Optional<Failure> check(
      Kind kind, Function<OperationSequence, Subject> subject, int rounds, long firstSeed) {
    for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
      OperationSequence tried = OperationSequence.random(kind, seed);
      if (check(tried, subject) != null) {
        OperationSequence shrunk = shrunk(tried, subject);
        String what = Objects.requireNonNull(check(shrunk, subject));
        return Optional.of(new Failure(seed, shrunk, what));
      }
    }
    return Optional.empty();
  }

  /** Leaves out as many steps as possible, in ever smaller portions. */
  private static OperationSequence shrunk(
      OperationSequence failing, Function<OperationSequence, Subject> subject) {
    OperationSequence best = failing;
    for (int share = best.steps().size(); share > 0; ) {
      boolean shorter = false;
      for (int from = best.steps().size() - 1; from >= 0; from -= share) {
        List<Step> fewer = new ArrayList<>(best.steps());
        fewer
            .subList(Math.max(0, from - share + 1), Math.min(from + 1, fewer.size()))
            .clear();
        OperationSequence candidate = best.with(fewer);
        if (check(candidate, subject) != null) {
          best = candidate;
          shorter = true;
        }
      }
      if (share > 1 || !shorter) {
        share /= 2;
      }
    }
    return best;
  }

  /** The first wrong answer of the subject, or null. */
  static @Nullable String check(
      OperationSequence sequence, Function<OperationSequence, Subject> subject) {
    return new Run(sequence, subject).firstDifference();
  }

  /** One sequence, run on the subject and on the specification. */
  private static final class Run {
    private final OperationSequence sequence;
    private final Subject subject;
    private final SequentialBackoffTable<Integer> specified;
    private final Map<Integer, @Nullable PermitOperations> permits = new HashMap<>();
    private final Map<Integer, @Nullable PermitOperations> specifiedPermits = new HashMap<>();

    private int peers = OperationSequence.PEERS;
    private long now;
    private long evicted;

    Run(OperationSequence sequence, Function<OperationSequence, Subject> subject) {
      this.sequence = sequence;
      this.subject = subject.apply(sequence);
      this.specified = new SequentialBackoffTable<>(sequence.options());
      this.now = sequence.start();
    }

    /** The first difference, or null. */
    @Nullable
    String firstDifference() {
      for (int i = 0; i < sequence.steps().size(); i++) {
        Step step = sequence.steps().get(i);
        String wrong = run(step);
        if (wrong == null) {
          wrong = difference();
        }
        if (wrong != null) {
          return "step " + i + ", " + step + " at " + now + ": " + wrong;
        }
      }
      String wrong = drain();
      return wrong == null ? null : "at the end, " + now + ": " + wrong;
    }

    private @Nullable String run(Step step) {
      long time = sequence.time(step, now, specified);
      subject.clock(time, step.clockForm());
      if (step.operation() == Operation.ASK) { // at any time, because a query is not activity
        return unequal(() -> ask(step, time, specified), () -> ask(step, time, subject));
      }
      now = time;
      return step.operation() == Operation.CLEAN_UP
          ? cleanUp()
          : unequal(
              () -> run(step, specified, specifiedPermits), () -> run(step, subject, permits));
    }

    private static Object ask(Step step, long time, BackoffOperations<Integer> table) {
      return table.shouldRetry(step.peer(), time)
          + " " + table.remaining(step.peer(), time)
          + " " + table.isProbing(step.peer(), time);
    }

    private Object run(
        Step step,
        BackoffOperations<Integer> table,
        Map<Integer, @Nullable PermitOperations> slots) {
      Integer peer = step.peer();
      PermitOperations permit = slots.get(step.slot());
      return switch (step.operation()) {
        case FAIL -> table.recordFailure(peer, now);
        case ADVISE -> table.recordRemoteAdvisory(peer, now, step.amount());
        case SUCCEED -> table.recordSuccess(peer);
        case POSTPONE -> table.postpone(peer, now, delay(step));
        case EXPEDITE -> table.expedite(peer, now);
        case FORGET -> table.forget(peer);
        case RESTORE -> {
          BackoffState state = sequence.restored(step, now);
          table.restoreState(peer, state);
          yield state;
        }
        case REPLACE -> replace(step, table);
        case ACQUIRE -> {
          Optional<? extends PermitOperations> acquired = table.tryAcquire(peer, now);
          acquired.ifPresent(granted -> slots.put(step.slot(), granted)); // drops the earlier one
          yield acquired.isPresent();
        }
        case PERMIT_SUCCEEDS -> permit != null && permit.recordSuccess();
        case PERMIT_FAILS -> permit != null && permit.recordFailure(now);
        case PERMIT_IS_ADVISED -> permit != null && permit.recordRemoteAdvisory(now, delay(step));
        case RELEASE -> permit != null && permit.release();
        case ASK, CLEAN_UP -> throw new AssertionError(step);
      };
    }

    /** A longer delay would leave peers that never become idle. */
    private long delay(Step step) {
      return sequence.kind().forward()
          ? step.amount() % (sequence.options().maxDelay() + 1)
          : step.amount();
    }

    /** Replaces the present state, another one or none by a state or by none. */
    private Object replace(Step step, BackoffOperations<Integer> table) {
      BackoffState present = table.state(step.peer()).orElse(null);
      BackoffState restored = sequence.restored(step, now);
      return switch (step.slot()) {
        case 0 -> table.replaceState(step.peer(), present, null);
        case 1 -> table.replaceState(step.peer(), restored, null);
        case 2 -> table.replaceState(step.peer(), null, restored);
        default -> table.replaceState(step.peer(), present, restored);
      };
    }

    private static @Nullable String unequal(Supplier<Object> expected, Supplier<Object> actual) {
      Object e = answer(expected);
      Object a = answer(actual);
      return e.equals(a) ? null : "expected " + e + " but was " + a;
    }

    private static Object answer(Supplier<Object> operation) {
      try {
        return operation.get();
      } catch (RuntimeException e) {
        return e.getClass();
      }
    }

    /** Checks that every peer is as specified, or was dropped when it may be. */
    private @Nullable String difference() {
      for (Integer peer = 0; peer < peers; peer++) {
        if (specified.holds(peer) && !subject.holds(peer)) {
          if (!mayBeDropped(peer)) {
            return "peer " + peer + " was dropped, and is not idle";
          }
          evicted += specified.state(peer).isPresent() ? 1 : 0;
          specified.reclaim(peer);
        }
        Optional<BackoffState> expected = specified.state(peer);
        Optional<BackoffState> actual = subject.state(peer);
        if (!expected.equals(actual)) {
          return "peer " + peer + ": expected " + expected + " but was " + actual;
        }
      }
      if (subject.size() != specified.size()) {
        return "size: expected " + specified.size() + " but was " + subject.size();
      }
      long counted = subject.evictions(evicted);
      return counted == evicted ? null : evicted + " evicted, counted " + counted;
    }

    private boolean mayBeDropped(Integer peer) {
      return switch (sequence.kind()) {
        case FORWARD -> specified.isIdle(peer, now);
        case CROWDED -> true;
        case WILD ->
          specified.state(peer).isEmpty() && specified.isIdle(peer, Nanos.plus(now, TICK_NANOS));
      };
    }

    private @Nullable String cleanUp() {
      subject.cleanUp(now);
      String wrong = difference();
      if (wrong != null) {
        return wrong;
      }
      if (!subject.snapshot().equals(specified.snapshot())) {
        return "expected " + specified.snapshot() + " but was " + subject.snapshot();
      }
      for (Integer peer = 0; peer < peers; peer++) {
        if (sequence.kind().forward() && subject.holds(peer) && specified.isIdle(peer, now)) {
          return "peer " + peer + " is idle and kept";
        }
      }
      String inconsistency = subject.inconsistency();
      return inconsistency.isEmpty() ? null : inconsistency;
    }

    /** Checks at the end that the bound holds and, once every peer is idle, nothing is kept. */
    private @Nullable String drain() {
      subject.clock(now, false);
      String wrong = cleanUp();
      for (int i = 0; wrong == null && i < MAX_NEWCOMERS && !isBounded(); i++) {
        Integer newcomer = peers++;
        wrong = unequal(
            () -> specified.recordFailure(newcomer, now),
            () -> subject.recordFailure(newcomer, now));
        wrong = wrong == null ? difference() : wrong;
      }
      if (wrong == null && !isBounded()) {
        wrong = "at most " + sequence.maximumPeers() + " peers expected but was " + subject.held();
      }
      if (wrong == null && sequence.kind().forward()) {
        now = Math.max(now, lastIdle());
        subject.clock(now, false);
        wrong = cleanUp();
      }
      return wrong;
    }

    private boolean isBounded() {
      return subject.held() <= sequence.maximumPeers();
    }

    private long lastIdle() {
      long last = now;
      for (Integer peer = 0; peer < peers; peer++) {
        last = Math.max(last, specified.idleAt(peer).orElse(last));
      }
      return last;
    }
  }
}
