package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.PropertyCase.Kind;
import io.github.bytesandbrains.backoff.PropertyCase.Step;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random lists of operations, to which a table must answer as {@link SequentialBackoffTable} does. A
 * list that fails is printed with its seed, and without the operations that it fails without.
 *
 * <p>{@code -Dproperty.rounds=100000} runs more of them, {@code -Dproperty.seed=…} those of a seed.
 */
final class PropertyTest {
  private static final int ROUNDS = Integer.getInteger("property.rounds", 300);
  private static final long SEED =
      Long.getLong("property.seed", ThreadLocalRandom.current().nextLong());

  @ParameterizedTest
  @EnumSource
  void operations_anyList_areAnsweredAsTheSpecificationDoes(Kind kind) {
    check(kind, Library::new, ROUNDS).ifPresent(failure -> fail(failure.toString()));
  }

  // The checker can fail: each of these is a table with one thing wrong.

  @Test
  void check_tableThatIsEarlyByOneNanosecond_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 4, c -> new Plain(c) {
      @Override
      public boolean shouldRetry(Integer peer, long nowNanos) {
        return state(peer).map(state -> nowNanos + 1 >= state.nextRetryNanos()).orElse(true);
      }
    });
  }

  @Test
  void check_tableThatDoublesBeforeTheFirstFailure_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 2, c -> {
      Options o = c.options();
      long doubled = o.initialDelay() > o.maxDelay() / 2 ? o.maxDelay() : o.initialDelay() * 2;
      return new Plain(c.with(
          new Options(doubled, o.maxDelay(), o.maxAdvisory(), o.probeLease(), o.idleTimeout())));
    });
  }

  @Test
  void check_tableThatTakesTheLongerDelay_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 4, c -> new Plain(c) {
      @Override
      public BackoffState recordRemoteAdvisory(Integer peer, long nowNanos, long minBackoffNanos) {
        Optional<BackoffState> before = state(peer);
        BackoffState state = super.recordRemoteAdvisory(peer, nowNanos, minBackoffNanos);
        if (before.isEmpty() || before.get().nextRetryNanos() <= state.nextRetryNanos()) {
          return state;
        }
        BackoffState longer = new BackoffState(
            state.attempts(), state.lastAttemptNanos(), before.get().nextRetryNanos());
        restoreState(peer, longer);
        return longer;
      }
    });
  }

  @Test
  void check_tableThatAdmitsEveryoneToADuePeer_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 5, c -> new Plain(c) {
      @Override
      public Optional<Attempt> tryAcquire(Integer peer, long nowNanos) {
        Optional<BackoffState> before = state(peer);
        Optional<Attempt> attempt = super.tryAcquire(peer, nowNanos);
        before.ifPresent(state -> restoreState(peer, state));
        return attempt;
      }
    });
  }

  @Test
  void check_tableThatForgetsACoolingPeer_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 4, c -> new Plain(c) {
      @Override
      public void cleanUp(long nowNanos) {
        snapshot().keySet().forEach(this::forget);
      }
    });
  }

  @Test
  void check_tableThatKeepsIdlePeers_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 2, c -> new Plain(c) {
      @Override
      public void cleanUp(long nowNanos) {}
    });
  }

  @Test
  void check_tableWithoutABound_isCaughtAndShrunk() {
    assertCaught(Kind.CROWDED, 8, Plain::new);
  }

  @Test
  void check_tableThatIsTheSpecification_isNotCaught() {
    assertThat(check(Kind.WILD, Plain::new, ROUNDS)).isEmpty();
    assertThat(check(Kind.FORWARD, Plain::new, ROUNDS)).isEmpty();
  }

  private static void assertCaught(Kind kind, int steps, Function<PropertyCase, Subject> wrong) {
    Failure failure = check(kind, wrong, 400, 1).orElseThrow(); // always the same lists

    assertThat(failure.steps()).as(failure.toString()).isLessThanOrEqualTo(steps);
    assertThat(check(kind, wrong, 1, failure.seed())).as("the seed tells").contains(failure);
  }

  // The checker

  /** A table that is checked. */
  private interface Subject extends BackoffOperations<Integer> {
    /** The time of the next operation, and which of its two forms that is to be. */
    void clock(long nowNanos, boolean clockForm);

    void cleanUp(long nowNanos);

    /** What is wrong within; empty if nothing is. */
    String flaws();

    /** How many peers were evicted, as far as it counts them. */
    long evictions(long forgotten);
  }

  private record Failure(long seed, PropertyCase shrunk, String what) {
    int steps() {
      return shrunk.steps().size();
    }

    @Override
    public String toString() {
      return what + "\n-Dproperty.rounds=1 -Dproperty.seed=" + seed + "\n" + shrunk;
    }
  }

  private static Optional<Failure> check(
      Kind kind, Function<PropertyCase, Subject> subject, int rounds) {
    return check(kind, subject, rounds, SEED);
  }

  private static Optional<Failure> check(
      Kind kind, Function<PropertyCase, Subject> subject, int rounds, long firstSeed) {
    for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
      PropertyCase tried = PropertyCase.random(kind, seed);
      if (new Run(tried, subject).fails() != null) {
        PropertyCase shrunk = shrunk(tried, subject);
        String what = Objects.requireNonNull(new Run(shrunk, subject).fails());
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
        if (new Run(candidate, subject).fails() != null) {
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

  /** One list, done by the subject and by the specification. */
  private static final class Run {
    private final PropertyCase it;
    private final Subject subject;
    private final SequentialBackoffTable<Integer> specified;
    private final Map<Integer, @Nullable Ticket> attempts = new HashMap<>();
    private final Map<Integer, @Nullable Ticket> specifiedAttempts = new HashMap<>();
    private long now;
    private long latest = Long.MIN_VALUE;
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
      String wrong = cleansUp();
      for (int i = 0;
          wrong == null && i < 1_000 && !isBounded();
          i++) { // an attempt a time is spent
        wrong = cleansUp();
      }
      if (wrong == null && !isBounded()) {
        wrong = "at most " + it.maximumPeers() + " peers expected but was " + subject.size();
      }
      if (wrong == null && it.kind().forward()) {
        now = Math.max(now, lastIdle());
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
          acquired.ifPresent(attempt -> tickets.put(step.slot(), attempt)); // one there is lost
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
      latest = Math.max(latest, now);
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
      // By the latest time that was told, also if time ran back: 292 years are the longest timeout.
      return specified.isIdle(peer, latest) || it.kind() == Kind.CROWDED;
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
        if (it.kind().forward() && specified.isIdle(peer, now)) {
          return "peer " + peer + " is idle, and kept";
        }
      }
      String flaws = it.kind() == Kind.FORWARD ? subject.flaws() : "";
      return flaws.isEmpty() ? null : flaws;
    }

    private boolean isBounded() {
      return subject.size() <= it.maximumPeers();
    }

    private long lastIdle() {
      return specified.snapshot().keySet().stream()
          .flatMap(peer -> specified.idleAt(peer).stream())
          .max(Long::compare)
          .orElse(now);
    }
  }

  /** The library's table. */
  private static final class Library extends LibraryTable<Integer> implements Subject {
    Library(PropertyCase it) {
      super(it.options(), it.maximumPeers());
    }

    @Override
    public void cleanUp(long nowNanos) {
      table.cleanUp(nowNanos);
    }

    @Override
    public String flaws() {
      Map<Integer, BackoffState> snapshot = table.snapshot();
      return snapshot.keySet().stream().allMatch(table.index::contains)
          ? ""
          : "a state without an index entry: " + snapshot;
    }

    @Override
    public long evictions(long forgotten) {
      BackoffStats stats = table.stats();
      return stats.idleEvictions() + stats.sizeEvictions();
    }
  }

  /** The specification as a table, to be made wrong. */
  private static class Plain extends SequentialBackoffTable<Integer> implements Subject {
    Plain(PropertyCase it) {
      super(it.options());
    }

    @Override
    public void clock(long nowNanos, boolean clockForm) {}

    @Override
    public void cleanUp(long nowNanos) {
      snapshot().keySet().stream().filter(peer -> isIdle(peer, nowNanos)).forEach(this::forget);
    }

    @Override
    public String flaws() {
      return "";
    }

    @Override
    public long evictions(long forgotten) {
      return forgotten;
    }
  }
}
