package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.PropertyCase.Kind;
import io.github.bytesandbrains.backoff.PropertyCase.Operation;
import io.github.bytesandbrains.backoff.PropertyCase.Step;
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
 * Runs lists of operations on a table and on {@link SequentialBackoffTable}, and compares the answers.
 *
 * <p>When a table reclaims the memory of an idle peer is its own affair. So the check looks which peers
 * the table holds after each step: one that it dropped must be idle, and the specification drops it too.
 * Everything else must be equal, the idle peers that the table still shows included.
 */
final class PropertyCheck {
  /** How many new peers may be needed until a table of strong peers is within its bound. */
  private static final int MAX_NEWCOMERS = 8;

  /** How far the index may be ahead of a time that runs backwards. */
  private static final long TICK_NANOS = 1L << 30;

  private PropertyCheck() {}

  /** A table that is checked. */
  interface Subject extends BackoffOperations<Integer> {
    /** Sets the time of the next operation, and which of its two forms is called. */
    void clock(long nowNanos, boolean clockForm);

    /** Whether anything is kept for the peer, be it only the marker of a recovery. */
    boolean holds(Integer peer);

    /** For how many peers anything is kept. */
    long held();

    /** What is wrong within; empty if nothing is. */
    String flaws();

    /** How many tracked peers were evicted, if the table counts them. */
    long evictions(long reclaimed);
  }

  record Failure(long seed, PropertyCase shrunk, String what) {
    int steps() {
      return shrunk.steps().size();
    }

    @Override
    public String toString() {
      return what + "\n-Dproperty.rounds=1 -Dproperty.seed=" + seed + "\n" + shrunk;
    }
  }

  static Optional<Failure> check(
      Kind kind, Function<PropertyCase, Subject> subject, int rounds, long firstSeed) {
    for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
      PropertyCase tried = PropertyCase.random(kind, seed);
      if (check(tried, subject) != null) {
        PropertyCase shrunk = shrunk(tried, subject);
        String what = Objects.requireNonNull(check(shrunk, subject));
        return Optional.of(new Failure(seed, shrunk, what));
      }
    }
    return Optional.empty();
  }

  /** Leaves out as many steps as possible, in ever smaller portions. */
  private static PropertyCase shrunk(
      PropertyCase failing, Function<PropertyCase, Subject> subject) {
    PropertyCase best = failing;
    for (int share = best.steps().size(); share > 0; ) {
      boolean shorter = false;
      for (int from = best.steps().size() - 1; from >= 0; from -= share) {
        List<Step> fewer = new ArrayList<>(best.steps());
        fewer
            .subList(Math.max(0, from - share + 1), Math.min(from + 1, fewer.size()))
            .clear();
        PropertyCase candidate = best.with(fewer);
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

  /** What is wrong with the subject's answers to a list; null if nothing is. */
  static @Nullable String check(PropertyCase it, Function<PropertyCase, Subject> subject) {
    return new Run(it, subject).findFault();
  }

  /** One list, run by the subject and by the specification. */
  private static final class Run {
    private final PropertyCase it;
    private final Subject subject;
    private final SequentialBackoffTable<Integer> specified;
    private final Map<Integer, @Nullable Ticket> tickets = new HashMap<>();
    private final Map<Integer, @Nullable Ticket> specifiedTickets = new HashMap<>();

    private int peers = PropertyCase.PEERS;
    private long now;
    private long evicted;

    Run(PropertyCase it, Function<PropertyCase, Subject> subject) {
      this.it = it;
      this.subject = subject.apply(it);
      this.specified = new SequentialBackoffTable<>(it.options());
      this.now = it.start();
    }

    /** What is wrong; null if nothing is. */
    @Nullable
    String findFault() {
      for (int i = 0; i < it.steps().size(); i++) {
        Step step = it.steps().get(i);
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
      long time = it.time(step, now, specified);
      subject.clock(time, step.clockForm());
      if (step.operation() == Operation.ASK) { // at any time, because asking is not activity
        return unequal(() -> ask(step, time, specified), () -> ask(step, time, subject));
      }
      now = time;
      return step.operation() == Operation.CLEAN_UP
          ? cleanUp()
          : unequal(
              () -> run(step, specified, specifiedTickets), () -> run(step, subject, tickets));
    }

    private static Object ask(Step step, long time, BackoffOperations<Integer> table) {
      return table.shouldRetry(step.peer(), time)
          + " " + table.remaining(step.peer(), time)
          + " " + table.isProbing(step.peer(), time);
    }

    private Object run(
        Step step, BackoffOperations<Integer> table, Map<Integer, @Nullable Ticket> slots) {
      Integer peer = step.peer();
      Ticket ticket = slots.get(step.slot());
      return switch (step.operation()) {
        case FAIL -> table.recordFailure(peer, now);
        case ADVISE -> table.recordRemoteAdvisory(peer, now, step.amount());
        case SUCCEED -> table.recordSuccess(peer);
        case POSTPONE -> table.postpone(peer, now, delay(step));
        case EXPEDITE -> table.expedite(peer, now);
        case FORGET -> table.forget(peer);
        case RESTORE -> {
          BackoffState state = it.restored(step, now);
          table.restoreState(peer, state);
          yield state;
        }
        case REPLACE -> replace(step, table);
        case ACQUIRE -> {
          Optional<? extends Ticket> acquired = table.tryAcquire(peer, now);
          acquired.ifPresent(granted -> slots.put(step.slot(), granted)); // the one there is lost
          yield acquired.isPresent();
        }
        case PERMIT_SUCCEEDS -> ticket != null && ticket.recordSuccess();
        case PERMIT_FAILS -> ticket != null && ticket.recordFailure(now);
        case PERMIT_IS_ADVISED -> ticket != null && ticket.recordRemoteAdvisory(now, delay(step));
        case RELEASE -> ticket != null && ticket.release();
        case ASK, CLEAN_UP -> throw new AssertionError(step);
      };
    }

    /** Longer ones would leave peers that are never idle, and time that cannot run forward. */
    private long delay(Step step) {
      return it.kind().forward() ? step.amount() % (it.options().maxDelay() + 1) : step.amount();
    }

    /** From the present state or another one, to a state or to none. */
    private Object replace(Step step, BackoffOperations<Integer> table) {
      BackoffState present = table.state(step.peer()).orElse(null);
      BackoffState restored = it.restored(step, now);
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

    /** Every peer is as specified, or was dropped when it may be. */
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
      return switch (it.kind()) {
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
        if (it.kind().forward() && subject.holds(peer) && specified.isIdle(peer, now)) {
          return "peer " + peer + " is idle, and kept";
        }
      }
      String flaws = subject.flaws();
      return flaws.isEmpty() ? null : flaws;
    }

    /** At last the bound holds and, once every peer is idle, nothing is kept. */
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
        wrong = "at most " + it.maximumPeers() + " peers expected but was " + subject.held();
      }
      if (wrong == null && it.kind().forward()) {
        now = Math.max(now, lastIdle());
        subject.clock(now, false);
        wrong = cleanUp();
      }
      return wrong;
    }

    private boolean isBounded() {
      return subject.held() <= it.maximumPeers();
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
