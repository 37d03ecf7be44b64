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

/** Does lists of operations on a table and on {@link SequentialBackoffTable}, and compares. */
final class PropertyCheck {
  /** How often a table of too many peers is cleaned up at most until it is bounded: each may return. */
  private static final int MAX_RETURNS = 32 * PropertyCase.PEERS;

  private PropertyCheck() {}

  /** A table that is checked. */
  interface Subject extends BackoffOperations<Integer> {
    /** The time of the next operation, and which of its two forms that is to be. */
    void clock(long nowNanos, boolean clockForm);

    /** What is wrong within; empty if nothing is. */
    String flaws(long nowNanos);

    /** How many peers were evicted, as far as it counts them. */
    long evictions(long forgotten);
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

  /** Leaves out as many steps as it can, ever fewer at a time. */
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
    return new Run(it, subject).fails();
  }

  /** One list, done by the subject and by the specification. */
  private static final class Run {
    private final PropertyCase it;
    private final Subject subject;
    private final SequentialBackoffTable<Integer> specified;
    private final Map<Integer, @Nullable Ticket> attempts = new HashMap<>();
    private final Map<Integer, @Nullable Ticket> specifiedAttempts = new HashMap<>();
    private final Map<Integer, Integer> peerOfSlot = new HashMap<>();

    /** When a peer's state was last replaced by one that may have been idle then, or sooner idle. */
    private final Map<Integer, Long> replaced = new HashMap<>();

    private long now;
    private long forgotten;

    Run(PropertyCase it, Function<PropertyCase, Subject> subject) {
      this.it = it;
      this.subject = subject.apply(it);
      this.specified = new SequentialBackoffTable<>(it.options());
      this.now = it.start();
    }

    /** What is wrong; null if nothing is. */
    @Nullable
    String fails() {
      for (int i = 0; i < it.steps().size(); i++) {
        Step step = it.steps().get(i);
        String wrong = does(step);
        if (wrong == null) {
          wrong = differs();
        }
        if (wrong != null) {
          return "step " + i + ", " + step + " at " + now + ": " + wrong;
        }
      }
      subject.clock(now, false);
      String wrong = cleansUp();
      for (int i = 0; wrong == null && i < MAX_RETURNS && !isBounded(); i++) {
        wrong = cleansUp();
      }
      if (wrong == null && !isBounded()) {
        wrong = "at most " + it.maximumPeers() + " peers expected but was " + subject.size();
      }
      if (wrong == null && it.kind().forward()) {
        now = Math.max(now, lastForgotten());
        subject.clock(now, false);
        wrong = cleansUp();
      }
      return wrong == null ? null : "at the end, " + now + ": " + wrong;
    }

    private @Nullable String does(Step step) {
      long time = it.time(step, now, specified);
      subject.clock(time, step.clockForm());
      switch (step.operation()) {
        case ASK -> { // at any time, as asking is not activity
          return unequal(
              () -> specified.shouldRetry(step.peer(), time) + " "
                  + specified.remaining(step.peer(), time),
              () -> subject.shouldRetry(step.peer(), time) + " "
                  + subject.remaining(step.peer(), time));
        }
        case CLEAN_UP -> {
          now = time;
          return cleansUp();
        }
        default -> {
          now = time;
          if (step.operation() == Operation.RESTORE) {
            replaced.put(step.peer(), now);
          } else if (step.operation() == Operation.ABANDONED) {
            replaced.put(peerOfSlot.getOrDefault(step.slot(), step.peer()), now);
          }
          return unequal(
              () -> does(step, specified, specifiedAttempts), () -> does(step, subject, attempts));
        }
      }
    }

    private Object does(
        Step step, BackoffOperations<Integer> table, Map<Integer, @Nullable Ticket> tickets) {
      Integer peer = step.peer();
      Ticket ticket = tickets.get(step.slot());
      return switch (step.operation()) {
        case FAIL -> table.recordFailure(peer, now);
        case ADVISE -> table.recordRemoteAdvisory(peer, now, step.amount());
        case SUCCEED -> table.recordSuccess(peer);
        case RESTORE -> {
          BackoffState state = it.restored(step, now);
          table.restoreState(peer, state);
          yield state;
        }
        case ACQUIRE -> {
          Optional<? extends Ticket> acquired = table.tryAcquire(peer, now);
          acquired.ifPresent(attempt -> {
            tickets.put(step.slot(), attempt); // one there is lost
            peerOfSlot.put(step.slot(), peer);
          });
          yield acquired.isPresent();
        }
        case SUCCEEDED -> ticket != null && ticket.succeeded();
        case FAILED -> ticket != null && ticket.failed(now);
        case ADVISED -> ticket != null && ticket.advised(now, step.amount());
        case ABANDONED -> ticket != null && ticket.abandoned();
        case ASK, CLEAN_UP -> throw new AssertionError(step);
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

    /** Every peer is as specified, or forgotten when it may be. */
    private @Nullable String differs() {
      for (Integer peer = 0; peer < PropertyCase.PEERS; peer++) {
        Optional<BackoffState> expected = specified.state(peer);
        Optional<BackoffState> actual = subject.state(peer);
        if (expected.isPresent() && actual.isEmpty() && mayBeForgotten(peer)) {
          specified.forget(peer);
          forgotten++;
        } else if (!expected.equals(actual)) {
          return "peer " + peer + ": expected " + expected + " but was " + actual;
        }
      }
      if (subject.size() != specified.size()) {
        return "size: expected " + specified.size() + " but was " + subject.size();
      }
      long evictions = subject.evictions(forgotten);
      return evictions == forgotten ? null : forgotten + " evicted, counted " + evictions;
    }

    private boolean mayBeForgotten(Integer peer) {
      return specified.isIdle(peer, now) || it.kind() == Kind.CROWDED;
    }

    private @Nullable String cleansUp() {
      subject.cleanUp(now);
      String wrong = differs();
      if (wrong != null) {
        return wrong;
      }
      if (!subject.snapshot().equals(specified.snapshot())) {
        return "expected " + specified.snapshot() + " but was " + subject.snapshot();
      }
      for (Integer peer : specified.snapshot().keySet()) {
        if (it.kind().forward() && now >= mustBeForgottenAt(peer)) {
          return "peer " + peer + " is idle, and kept";
        }
      }
      String flaws = it.kind() == Kind.FORWARD ? subject.flaws(now) : "";
      return flaws.isEmpty() ? null : flaws;
    }

    private boolean isBounded() {
      return subject.size() <= it.maximumPeers();
    }

    /** Once it is idle, and nothing was recorded of it for the idle timeout either. */
    private long mustBeForgottenAt(Integer peer) {
      long outcome = replaced.getOrDefault(peer, Long.MIN_VALUE);
      return specified
          .idleAt(peer)
          .map(idleAt -> Math.max(idleAt, Nanos.plus(outcome, it.options().idleTimeout())))
          .orElse(Long.MAX_VALUE);
    }

    private long lastForgotten() {
      return specified.snapshot().keySet().stream()
          .mapToLong(this::mustBeForgottenAt)
          .filter(time -> time != Long.MAX_VALUE)
          .max()
          .orElse(now);
    }
  }
}
