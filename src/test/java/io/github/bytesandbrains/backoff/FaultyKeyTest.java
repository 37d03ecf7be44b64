package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A key throws at the first use that an operation makes of it, then, on a new table, at the second,
 * and so on until the operation ends first. Wherever the exception comes from, either the table is
 * unchanged, or what was recorded is visible, counted and in the index.
 */
final class FaultyKeyTest {
  private static final int MAXIMUM = 20;

  /** What a key throws. */
  enum Fault {
    EXCEPTION {
      @Override
      void strike() {
        throw new IllegalStateException("key is broken");
      }
    },
    OUT_OF_MEMORY {
      @Override
      void strike() {
        throw new OutOfMemoryError("key is too large");
      }
    };

    abstract void strike();
  }

  /** An operation on a key, or on another peer while keys are evicted. */
  enum Operation {
    SHOULD_RETRY,
    REMAINING,
    FAIL_NEW,
    FAIL_TRACKED,
    FAIL_RECOVERED,
    ADVISE_NEW,
    ADVISE_TRACKED,
    SUCCEED,
    RESTORE_NEW,
    RESTORE_TRACKED,
    ACQUIRE_NEW,
    ACQUIRE_DUE,
    PERMIT_FAILS,
    PERMIT_SUCCEEDS,
    PROBE_FAILS,
    PROBE_SUCCEEDS,
    PROBE_ADVISED,
    PROBE_RELEASED,
    OTHER_FAILS_AT_THE_BOUND,
    OTHER_FAILS_WHEN_ALL_ARE_IDLE,
    OTHER_FAILS_WHEN_ENTRIES_EXPIRE,
    CLEAN_UP_WHEN_ALL_ARE_IDLE
  }

  static Stream<Arguments> everyOperationAndFault() {
    return Arrays.stream(Operation.values())
        .flatMap(
            operation -> Arrays.stream(Fault.values()).map(fault -> arguments(operation, fault)));
  }

  @ParameterizedTest
  @MethodSource("everyOperationAndFault")
  void key_thatThrowsAtAnyUse_leavesTheTableConsistent(Operation operation, Fault fault) {
    int uses = 0;
    while (new Case(operation, fault).strikesAt(uses + 1)) {
      uses++;
    }
    assertThat(uses).as("uses of a key that were made to throw").isPositive();
  }

  /** One operation on one table. */
  private static final class Case {
    private final FakeClock clock = new FakeClock();
    private final ConcurrentBackoffTable<Object> table =
        ConcurrentBackoffTable.builder().maximumPeers(MAXIMUM).nanoTime(clock).build();
    private final Operation operation;
    private final Fault fault;
    private final @Nullable Permit permit;
    private int usesLeft;

    private final class Key {
      @Override
      public int hashCode() {
        use();
        return 42;
      }

      @Override
      public boolean equals(Object other) {
        use();
        return this == other;
      }
    }

    private final Key key = new Key();

    Case(Operation operation, Fault fault) {
      this.operation = operation;
      this.fault = fault;
      boolean atTheBound = operation == Operation.OTHER_FAILS_AT_THE_BOUND;
      for (int i = 0; i < (atTheBound ? MAXIMUM : 5); i++) {
        table.recordFailure(new Key());
      }
      String name = operation.name();
      boolean isProbe = name.startsWith("PROBE");
      if (isProbe
          || name.endsWith("TRACKED")
          || name.endsWith("DUE")
          || name.endsWith("SUCCEED")
          || operation == Operation.SHOULD_RETRY
          || operation == Operation.REMAINING) {
        table.recordFailure(key);
        table.recordFailure(key);
        clock.advance(Duration.ofMillis(20)); // it is due
      } else if (operation == Operation.FAIL_RECOVERED) {
        table.recordFailure(key);
        table.recordSuccess(key); // its entry stays in the index
      } else if (name.endsWith("IDLE")) {
        clock.advance(Duration.ofMinutes(10));
      } else if (name.endsWith("EXPIRE")) {
        clock.advance(Duration.ofSeconds(119));
        table.forEach(
            (peer, state) -> table.recordFailure(peer)); // not idle when its entry expires
        clock.advance(Duration.ofSeconds(10));
      }
      permit = isProbe || name.startsWith("PERMIT") ? table.tryAcquire(key).orElseThrow() : null;
      if (isProbe) {
        BackoffState due = new BackoffState(1, 0, clock.getAsLong());
        table.map.update(new Key(), (peer, held) -> due); // maintenance for the next call
      }
    }

    private void use() {
      if (--usesLeft == 0) {
        fault.strike();
      }
    }

    private void operate() {
      switch (operation) {
        case SHOULD_RETRY -> table.shouldRetry(key);
        case REMAINING -> table.remaining(key);
        case FAIL_NEW, FAIL_TRACKED, FAIL_RECOVERED -> table.recordFailure(key);
        case ADVISE_NEW, ADVISE_TRACKED -> table.recordRemoteAdvisory(key, Duration.ofMillis(5));
        case SUCCEED -> table.recordSuccess(key);
        case RESTORE_NEW, RESTORE_TRACKED ->
          table.restoreState(key, new BackoffState(7, clock.getAsLong(), clock.getAsLong()));
        case ACQUIRE_NEW, ACQUIRE_DUE -> table.tryAcquire(key);
        case PERMIT_FAILS, PROBE_FAILS -> permit().recordFailure();
        case PERMIT_SUCCEEDS, PROBE_SUCCEEDS -> permit().recordSuccess();
        case PROBE_ADVISED -> permit().recordRemoteAdvisory(Duration.ofMillis(5));
        case PROBE_RELEASED -> permit().release();
        case OTHER_FAILS_AT_THE_BOUND,
            OTHER_FAILS_WHEN_ALL_ARE_IDLE,
            OTHER_FAILS_WHEN_ENTRIES_EXPIRE -> {
          for (int i = 0; i < 20; i++) {
            table.recordFailure("other-" + i);
            clock.advance(Duration.ofSeconds(1)); // each call does a share of the maintenance
          }
        }
        case CLEAN_UP_WHEN_ALL_ARE_IDLE -> table.cleanUp();
      }
    }

    private Permit permit() {
      return requireNonNull(permit);
    }

    /** Returns false if the operation does not use keys as often as that. */
    boolean strikesAt(int use) {
      Optional<BackoffState> before = table.state(key);
      BackoffStats statsBefore = table.stats();
      int sizeBefore = table.size();
      usesLeft = use;
      Throwable thrown = null;
      try {
        operate();
      } catch (IllegalStateException | OutOfMemoryError t) {
        thrown = t;
      }
      boolean struck = usesLeft <= 0;
      usesLeft = 0;
      if (struck) {
        assertThat(thrown)
            .as("use %d", use)
            .satisfiesAnyOf(
                t -> assertThat(t).isNull(), t -> assertThat(t).hasMessageStartingWith("key is"));
        BackoffStats stats = table.stats().minus(statsBefore);
        boolean unchanged = table.state(key).equals(before);
        assertOutcome(use, thrown, unchanged, stats);
        assertCounts(use, sizeBefore, before.isPresent(), stats);
        assertConsistent(use);
      }
      return struck;
    }

    private void assertOutcome(
        int use, @Nullable Throwable thrown, boolean unchanged, BackoffStats stats) {
      if (thrown instanceof IllegalStateException) {
        assertThat(operation.name()).as("use %d: keys of others", use).doesNotStartWith("OTHER");
        assertThat(unchanged).as("use %d: what throws changes nothing", use).isTrue();
      }
      boolean ofTheKey = !operation.name().startsWith("OTHER")
          && operation != Operation.CLEAN_UP_WHEN_ALL_ARE_IDLE;
      if (!unchanged && operation.name().startsWith("PROBE")) {
        assertThat(stats.succeededProbes() + stats.failedProbes() + stats.releasedProbes())
            .as("use %d: the probe's result", use)
            .isEqualTo(1);
      }
      if (thrown != null && unchanged && ofTheKey) {
        assertThat(stats.plus(stats))
            .as("use %d: what changes nothing is not counted", use)
            .isEqualTo(stats);
        if (permit != null) {
          assertThat(permit.release())
              .as("use %d: not recorded, so still open", use)
              .isTrue();
        }
      }
    }

    /** Each peer that is newly tracked or gone is counted. */
    private void assertCounts(int use, int sizeBefore, boolean wasTracked, BackoffStats stats) {
      long recorded = stats.failures() + stats.advisories();
      long added = operation.name().startsWith("OTHER")
          ? recorded
          : wasTracked
              ? 0
              : operation == Operation.RESTORE_NEW ? table.size() - sizeBefore : recorded;
      assertThat(sizeBefore
              + added
              - stats.successes()
              - stats.idleEvictions()
              - stats.sizeEvictions())
          .as("use %d: tracked", use)
          .isEqualTo(table.size());
    }

    private void assertConsistent(int use) {
      table.recordFailure("one more");
      table.cleanUp();
      assertThat(table.size()).isLessThanOrEqualTo(MAXIMUM);
      IndexAssertions.assertIndexed(table);

      int tracked = table.size();
      BackoffStats before = table.stats();
      clock.advance(Duration.ofMinutes(10));
      table.cleanUp();
      assertThat(IndexAssertions.mapped(table))
          .as("use %d: nothing is kept", use)
          .isEmpty();
      assertThat(table.index.peers()).isEmpty();
      assertThat(table.stats().minus(before).idleEvictions()).isEqualTo(tracked);
      assertThat(table.recordFailure(key).attempts()).as("and it works").isEqualTo(1);
      assertThat(table.shouldRetry(key)).isFalse();
    }
  }
}
