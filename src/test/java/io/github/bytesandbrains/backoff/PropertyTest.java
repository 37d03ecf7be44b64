package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;
import io.github.bytesandbrains.backoff.OperationSequence.Kind;
import io.github.bytesandbrains.backoff.OperationSequence.Operation;
import io.github.bytesandbrains.backoff.OperationSequence.Origin;
import io.github.bytesandbrains.backoff.OperationSequence.Step;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import io.github.bytesandbrains.backoff.SpecificationCheck.Failure;
import io.github.bytesandbrains.backoff.SpecificationCheck.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random sequences of operations, to which the table must answer as {@link SequentialBackoffTable}
 * does. A sequence that fails is shrunk and printed with its seed.
 *
 * <p>{@code -Dproperty.rounds=100000} runs more sequences, {@code -Dproperty.seed=…} repeats those
 * of a seed.
 */
@Tag("random")
final class PropertyTest {
  private static final int ROUNDS = Integer.getInteger("property.rounds", 300);
  private static final long SEED =
      Long.getLong("property.seed", ThreadLocalRandom.current().nextLong());

  /** The amount of a restored state with 2^30 attempts. */
  private static final long MANY = 1L << 62;

  @ParameterizedTest
  @EnumSource
  void operations_anySequence_answersMatchTheSpecification(Kind kind) {
    SpecificationCheck.check(kind, Library::new, ROUNDS, SEED)
        .ifPresent(failure -> fail(failure.toString()));
  }

  // Sequences that failed once, after shrinking.

  @Test
  void operations_leapFromNegativeTimeWithTimeoutOfNever_forgetNobody() {
    assertAnswered(new OperationSequence(
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
  void operations_idleBeyondTheBound_areForgotten() {
    assertAnswered(crowded(
        step(Operation.RESTORE, 0, MANY),
        step(Operation.RESTORE, 1, MANY),
        step(Operation.RESTORE, 2, MANY),
        step(Operation.CLEAN_UP, 0, Duration.ofHours(2).toNanos())));
  }

  /** Two states may be equal although only one of them is the one that the permit began with. */
  @Test
  void operations_failureThatEqualsTheLease_makesTheOutcomeStale() {
    Options options = new Options(1, 10_000_000, 1, 10_000_000, Long.MAX_VALUE);
    assertAnswered(new OperationSequence(
        Kind.WILD,
        options,
        1_000_000,
        559_017_053_660_050_563L,
        List.of(
            step(Operation.RESTORE, 0, Long.MAX_VALUE),
            new Step(Operation.ACQUIRE, 0, 0, Origin.NEXT_RETRY, 0, 0, false),
            new Step(Operation.FAIL, 0, 0, Origin.NOW, 0, 0, false),
            new Step(Operation.PERMIT_IS_ADVISED, 0, 0, Origin.NOW, 0, 1, false))));
  }

  @Test
  void operations_recoveredPeerPostponedToTheEarliestTime_isTracked() {
    assertAnswered(new OperationSequence(
        Kind.WILD,
        new Options(1, 1, 1, 1, Long.MAX_VALUE),
        1_000_000,
        Long.MIN_VALUE,
        List.of(
            step(Operation.FAIL, 0, 0),
            step(Operation.FORGET, 0, 0),
            step(Operation.POSTPONE, 0, 0))));
  }

  private static OperationSequence crowded(Step... steps) {
    Options options = new Options(1, 1, 1, 1, Duration.ofHours(1).toNanos());
    return new OperationSequence(Kind.CROWDED, options, 1, 0, List.of(steps));
  }

  private static void assertAnswered(OperationSequence sequence) {
    assertThat(SpecificationCheck.check(sequence, Library::new))
        .as(sequence.toString())
        .isNull();
  }

  /** A step at the start time; for a clean-up {@code number} is the time, otherwise the amount. */
  private static Step step(Operation operation, int peer, long number) {
    long nanos = operation == Operation.CLEAN_UP ? number : 0;
    return new Step(operation, peer, 0, Origin.START, nanos, number, false);
  }

  // The check can fail: each of these tables is a mutant of the specification.

  @Test
  void check_tableThatIsEarlyByOneNanosecond_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 4, c -> new Specification(c) {
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
      return new Specification(c.with(
          new Options(doubled, o.maxDelay(), o.maxAdvisory(), o.probeLease(), o.idleTimeout())));
    });
  }

  @Test
  void check_tableThatTakesTheLongerDelay_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 4, c -> new Specification(c) {
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
    assertCaught(Kind.FORWARD, 5, c -> new Specification(c) {
      @Override
      public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
        Optional<BackoffState> before = state(peer);
        Optional<PermitOperations> permit = super.tryAcquire(peer, nowNanos);
        before.ifPresent(state -> restoreState(peer, state));
        return permit;
      }
    });
  }

  @Test
  void check_tableThatForgetsACoolingPeer_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 4, c -> new Specification(c) {
      @Override
      public void cleanUp(long nowNanos) {
        snapshot().keySet().forEach(this::reclaim);
      }
    });
  }

  @Test
  void check_tableThatKeepsIdlePeers_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 2, c -> new Specification(c) {
      @Override
      public void cleanUp(long nowNanos) {}
    });
  }

  @Test
  void check_tableThatContinuesTheBackoffOfAnIdlePeer_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 3, c -> new Specification(c) {
      @Override
      public BackoffState recordFailure(Integer peer, long nowNanos) {
        int before = state(peer).map(BackoffState::attempts).orElse(0);
        BackoffState state = super.recordFailure(peer, nowNanos);
        if (before == 0 || state.attempts() > 1) {
          return state;
        }
        restoreState(peer, new BackoffState(before + 1, nowNanos, state.nextRetryNanos()));
        return state(peer).orElseThrow();
      }
    });
  }

  @Test
  void check_tableThatIgnoresASlowProbe_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 6, c -> new Specification(c) {
      @Override
      public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
        return super.tryAcquire(peer, nowNanos).map(permit -> new ForwardingPermit(permit) {
          private final Optional<BackoffState> lease = state(peer);

          @Override
          public boolean recordFailure(long nowNanos) {
            boolean lapsed = lease.isPresent() && !lease.equals(state(peer));
            return !lapsed && super.recordFailure(nowNanos);
          }
        });
      }
    });
  }

  @Test
  void check_tableThatCountsAStaleAdvisory_isCaughtAndShrunk() {
    assertCaught(Kind.FORWARD, 4, c -> new Specification(c) {
      @Override
      public Optional<PermitOperations> tryAcquire(Integer peer, long nowNanos) {
        return super.tryAcquire(peer, nowNanos).map(permit -> new ForwardingPermit(permit) {
          @Override
          public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
            Optional<BackoffState> before = state(peer);
            boolean counted = super.recordRemoteAdvisory(nowNanos, minBackoffNanos);
            if (!counted && !state(peer).equals(before)) {
              advise(peer, nowNanos, minBackoffNanos);
            }
            return counted;
          }
        });
      }
    });
  }

  @Test
  void check_tableThatForgetsARecovery_isCaughtAndShrunk() {
    assertCaught(Kind.WILD, 4, c -> new Specification(c) {
      @Override
      public boolean holds(Integer peer) {
        return true; // so that only an answer can reveal the mutant
      }

      @Override
      public boolean forget(Integer peer) {
        boolean tracked = super.forget(peer);
        reclaim(peer);
        return tracked;
      }
    });
  }

  @Test
  void check_tableWithoutABound_isCaughtAndShrunk() {
    assertCaught(Kind.CROWDED, 8, Specification::new);
  }

  @Test
  void check_tableThatIsTheSpecification_isNotCaught() {
    assertThat(SpecificationCheck.check(Kind.WILD, Specification::new, ROUNDS, SEED))
        .isEmpty();
    assertThat(SpecificationCheck.check(Kind.FORWARD, Specification::new, ROUNDS, SEED))
        .isEmpty();
  }

  private static void assertCaught(
      Kind kind, int steps, Function<OperationSequence, Subject> mutant) {
    Failure failure =
        SpecificationCheck.check(kind, mutant, 400, 1).orElseThrow(); // always the same sequences

    assertThat(failure.steps()).as(failure.toString()).isLessThanOrEqualTo(steps);
    assertThat(SpecificationCheck.check(kind, mutant, 1, failure.seed()))
        .as("the seed repeats it")
        .contains(failure);
  }

  /** The library's table. */
  private static final class Library extends ConcurrentTableAdapter<Integer> implements Subject {
    Library(OperationSequence sequence) {
      super(sequence.options(), sequence.maximumPeers());
    }

    @Override
    public long evictions(long reclaimed) {
      BackoffStats stats = table.stats();
      return stats.idleEvictions() + stats.sizeEvictions();
    }
  }

  /** The specification as a table, for mutants to override. */
  private static class Specification extends SequentialBackoffTable<Integer> implements Subject {
    Specification(OperationSequence sequence) {
      super(sequence.options());
    }

    final void advise(Integer peer, long nowNanos, long minBackoffNanos) {
      recordRemoteAdvisory(peer, nowNanos, minBackoffNanos);
    }

    @Override
    public void clock(long nowNanos, boolean clockForm) {}

    @Override
    public long held() {
      return IntStream.range(0, 2 * OperationSequence.PEERS + 8)
          .filter(this::holds)
          .count();
    }

    @Override
    public String inconsistency() {
      return "";
    }

    @Override
    public long evictions(long reclaimed) {
      return reclaimed;
    }
  }
}
