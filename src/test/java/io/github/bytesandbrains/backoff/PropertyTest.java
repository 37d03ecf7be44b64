package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.bytesandbrains.backoff.PropertyCase.Kind;
import io.github.bytesandbrains.backoff.PropertyCase.Operation;
import io.github.bytesandbrains.backoff.PropertyCase.Origin;
import io.github.bytesandbrains.backoff.PropertyCase.Step;
import io.github.bytesandbrains.backoff.PropertyCheck.Failure;
import io.github.bytesandbrains.backoff.PropertyCheck.Subject;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
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

  /** Makes a restored state of 2^30 attempts. */
  private static final long MANY = 1L << 62;

  @ParameterizedTest
  @EnumSource
  void operations_anyList_areAnsweredAsTheSpecificationDoes(Kind kind) {
    PropertyCheck.check(kind, Library::new, ROUNDS, SEED)
        .ifPresent(failure -> fail(failure.toString()));
  }

  // Lists that have failed once, as they were shrunk.

  @Test
  void operations_timeoutOfNeverAndALeapFromBeforeZero_forgetNobody() {
    assertAnswered(new PropertyCase(
        Kind.WILD,
        new Options(1, 1, 1, 1, Long.MAX_VALUE),
        1_000_000,
        Long.MIN_VALUE,
        List.of(step(Operation.ADVISE, 0, 0), step(Operation.CLEAN_UP, 0, Long.MAX_VALUE))));
  }

  @Test
  void operations_restoredWithVeryManyAttempts_areBounded() {
    assertAnswered(crowded(step(Operation.RESTORE, 0, MANY), step(Operation.RESTORE, 1, MANY)));
  }

  @Test
  void operations_idleWhileTheyWaitForAPlace_areForgotten() {
    assertAnswered(crowded(
        step(Operation.RESTORE, 0, MANY),
        step(Operation.RESTORE, 1, MANY),
        step(Operation.RESTORE, 2, MANY),
        step(Operation.CLEAN_UP, 0, Duration.ofHours(2).toNanos())));
  }

  /** Of two states alike only one is the lease: here the specification was wrong. */
  @Test
  void operations_failureThatLooksLikeTheLease_makesTheOutcomeStale() {
    Options options = new Options(1, 10_000_000, 1, 10_000_000, Long.MAX_VALUE);
    assertAnswered(new PropertyCase(
        Kind.WILD,
        options,
        1_000_000,
        559_017_053_660_050_563L,
        List.of(
            step(Operation.RESTORE, 0, Long.MAX_VALUE),
            new Step(Operation.ACQUIRE, 0, 0, Origin.NEXT_RETRY, 0, 0, false),
            new Step(Operation.FAIL, 0, 0, Origin.NOW, 0, 0, false),
            new Step(Operation.ADVISED, 0, 0, Origin.NOW, 0, 1, false))));
  }

  private static PropertyCase crowded(Step... steps) {
    Options options = new Options(1, 1, 1, 1, Duration.ofHours(1).toNanos());
    return new PropertyCase(Kind.CROWDED, options, 1, 0, List.of(steps));
  }

  private static void assertAnswered(PropertyCase it) {
    assertThat(PropertyCheck.check(it, Library::new)).as(it.toString()).isNull();
  }

  /** At the start but for a clean-up, of which the number is the time. */
  private static Step step(Operation operation, int peer, long number) {
    long nanos = operation == Operation.CLEAN_UP ? number : 0;
    return new Step(operation, peer, 0, Origin.START, nanos, number, false);
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
    assertThat(PropertyCheck.check(Kind.WILD, Plain::new, ROUNDS, SEED)).isEmpty();
    assertThat(PropertyCheck.check(Kind.FORWARD, Plain::new, ROUNDS, SEED)).isEmpty();
  }

  private static void assertCaught(Kind kind, int steps, Function<PropertyCase, Subject> wrong) {
    Failure failure =
        PropertyCheck.check(kind, wrong, 400, 1).orElseThrow(); // always the same lists

    assertThat(failure.steps()).as(failure.toString()).isLessThanOrEqualTo(steps);
    assertThat(PropertyCheck.check(kind, wrong, 1, failure.seed()))
        .as("the seed tells")
        .contains(failure);
  }

  /** The library's table. */
  private static final class Library extends LibraryTable<Integer> implements Subject {
    Library(PropertyCase it) {
      super(it.options(), it.maximumPeers());
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
    public String flaws(long nowNanos) {
      return "";
    }

    @Override
    public long evictions(long forgotten) {
      return forgotten;
    }
  }
}
