package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys, clocks and callers that fail: the table stays usable and consistent. */
final class FaultsTest {
  private static final BackoffState LONG_AGO = new BackoffState(1, Long.MIN_VALUE, Long.MIN_VALUE);

  private final FakeClock clock = new FakeClock();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final ConcurrentBackoffTable<Object> table = ConcurrentBackoffTable.builder()
      .maximumPeers(100)
      .nanoTime(() -> {
        if (failing.getAndSet(false)) {
          throw new IllegalStateException("clock is broken");
        }
        return clock.getAsLong();
      })
      .build();

  /** A key whose {@code equals} can be made to throw. All keys have the same hash code. */
  private static final class Key {
    static final AtomicBoolean FAULTY = new AtomicBoolean();

    private final int number;

    Key(int number) {
      this.number = number;
    }

    @Override
    public int hashCode() {
      return 42;
    }

    @Override
    public boolean equals(Object other) {
      if (FAULTY.get()) {
        throw new IllegalStateException("equals is broken");
      }
      return other instanceof Key key && key.number == number;
    }

    @Override
    public String toString() {
      return "key-" + number;
    }
  }

  @AfterEach
  void repairKeys() {
    Key.FAULTY.set(false);
  }

  private void assertConsistent() {
    Key.FAULTY.set(false);
    BackoffStats before = table.stats();
    assertThat(table.recordFailure("one more").attempts()).isEqualTo(1);
    assertThat(table.stats().minus(before).failures()).isEqualTo(1);
    table.cleanUp();
    IndexAssertions.assertIndexed(table);

    int tracked = table.size();
    before = table.stats();
    clock.advance(Duration.ofMinutes(10));
    table.cleanUp();
    assertThat(IndexAssertions.mapped(table)).as("nothing is kept").isEmpty();
    assertThat(table.index.peers()).isEmpty();
    assertThat(table.stats().minus(before).idleEvictions())
        .as("each one is counted")
        .isEqualTo(tracked);
    assertThat(table.stats().minus(before).sizeEvictions()).isZero();
    assertThat(table.recordFailure("a").attempts()).as("and it works").isEqualTo(1);
    assertThat(table.shouldRetry("a")).isFalse();
  }

  @Test
  void keys_thatAllCollide_areDistinguished() {
    for (int i = 0; i < 90; i++) {
      for (int failures = 0; failures <= i % 4; failures++) {
        table.recordFailure(new Key(i));
      }
    }

    assertThat(table.size()).isEqualTo(90);
    for (int i = 0; i < 90; i++) {
      assertThat(table.state(new Key(i)).orElseThrow().attempts()).isEqualTo(i % 4 + 1);
    }
    assertConsistent();
  }

  @Test
  void keys_thatThrowFromEquals_reachTheirCallerAndChangeNothing() {
    for (int i = 0; i < 10; i++) {
      table.recordFailure(new Key(i));
    }
    Map<Object, BackoffState> before = table.snapshot();
    BackoffStats stats = table.stats();

    Key.FAULTY.set(true);
    Key key = new Key(3);
    assertThatThrownBy(() -> table.recordFailure(key)).hasMessage("equals is broken");
    assertThatThrownBy(() -> table.recordRemoteAdvisory(key, Duration.ZERO))
        .hasMessage("equals is broken");
    assertThatThrownBy(() -> table.recordSuccess(key)).hasMessage("equals is broken");
    assertThatThrownBy(() -> table.shouldRetry(key)).hasMessage("equals is broken");
    assertThatThrownBy(() -> table.tryAcquire(key)).hasMessage("equals is broken");
    assertThatThrownBy(() -> table.restoreState(key, new BackoffState(1, 0, 0)))
        .hasMessage("equals is broken");
    Key.FAULTY.set(false);

    assertThat(table.snapshot()).isEqualTo(before);
    assertThat(table.stats()).isEqualTo(stats);
    assertConsistent();
  }

  /** Eviction uses the keys of other callers, whose exceptions must not reach this one. */
  @Test
  void keys_thatThrowWhileEvicted_doNotReachOthersAndAreEvictedLater() {
    for (int i = 0; i < 50; i++) {
      table.recordFailure(new Key(i));
    }

    Key.FAULTY.set(true);
    clock.advance(Duration.ofMinutes(10)); // all are idle
    for (int i = 0; i < 20; i++) {
      assertThat(table.recordFailure("innocent-" + i).attempts()).isEqualTo(1);
      clock.advance(Duration.ofSeconds(2));
    }
    table.cleanUp();

    assertConsistent();
  }

  @Test
  void keys_thatThrowWhileTheyReturnToTheIndex_doNotReachOthersAndReturnLater() {
    for (int i = 0; i < 50; i++) {
      table.recordFailure(new Key(i));
    }
    clock.advance(Duration.ofSeconds(119));
    for (int i = 0; i < 50; i++) {
      table.recordFailure(new Key(i)); // not idle when the entry expires
    }

    Key.FAULTY.set(true);
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofSeconds(2));
      assertThat(table.recordFailure("innocent-" + i).attempts()).isEqualTo(1);
    }
    table.cleanUp();
    Key.FAULTY.set(false);

    assertThat(table.size()).isEqualTo(70);
    assertConsistent();
  }

  @Test
  void keys_evictedBySizeWhileTheyThrow_stayWithinTheBoundInTheEnd() {
    for (int i = 0; i < 100; i++) {
      table.recordFailure(new Key(i));
    }

    Key.FAULTY.set(true);
    for (int i = 0; i < 300; i++) {
      table.recordFailure("innocent-" + i);
    }
    Key.FAULTY.set(false);
    for (int i = 0; i < 300; i++) {
      table.recordFailure("another-" + i);
    }
    table.cleanUp();

    assertThat(table.size()).isLessThanOrEqualTo(100);
    assertConsistent();
  }

  @Test
  void schedule_thatRunsOutOfMemory_changesNothing() {
    AtomicBoolean exhausted = new AtomicBoolean();
    ConcurrentBackoffTable<String> hungry = ConcurrentBackoffTable.builder()
        .schedule(attempts -> {
          if (exhausted.get()) {
            throw new OutOfMemoryError("schedule");
          }
          return 1_000_000_000;
        })
        .nanoTime(clock)
        .build();
    BackoffState first = hungry.recordFailure("a");

    exhausted.set(true);
    assertThatThrownBy(() -> hungry.recordFailure("a")).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> hungry.recordFailure("b")).isInstanceOf(OutOfMemoryError.class);
    exhausted.set(false);

    assertThat(hungry.snapshot()).containsExactly(Map.entry("a", first));
    assertThat(hungry.recordFailure("a").attempts()).isEqualTo(2);
    assertThat(hungry.stats().failures()).isEqualTo(2);
    clock.advance(Duration.ofMinutes(10));
    hungry.cleanUp();
    assertThat(hungry.map.mappings() + hungry.index.peers().size()).isZero();
  }

  static Stream<Named<Consumer<ConcurrentBackoffTable<Object>>>> readsOfTheClock() {
    return Stream.of(
        Named.of("recordFailure", table -> table.recordFailure("a")),
        Named.of("recordFailure, new", table -> table.recordFailure("b")),
        Named.of("recordRemoteAdvisory", table -> table.recordRemoteAdvisory("a", Duration.ZERO)),
        Named.of("restoreState", table -> table.restoreState("b", LONG_AGO)),
        Named.of("shouldRetry", table -> table.shouldRetry("a")),
        Named.of("remaining", table -> table.remaining("a")),
        Named.of("tryAcquire", table -> table.tryAcquire("a")),
        Named.of("callAsync", table -> {
          var unused = table.callAsync("a", CompletableFuture::new);
        }),
        Named.of("cleanUp", ConcurrentBackoffTable::cleanUp));
  }

  @ParameterizedTest
  @MethodSource("readsOfTheClock")
  void clock_thatThrowsOnce_costsThatCallOnly(Consumer<ConcurrentBackoffTable<Object>> call) {
    table.recordFailure("a");
    clock.advance(Duration.ofMillis(10)); // it is due
    Map<Object, BackoffState> before = table.snapshot();
    BackoffStats stats = table.stats();

    failing.set(true);
    assertThatThrownBy(() -> call.accept(table)).hasMessage("clock is broken");

    assertThat(table.snapshot()).isEqualTo(before);
    assertThat(table.stats()).isEqualTo(stats);
    call.accept(table);
    assertConsistent();
  }

  @Test
  void clock_thatThrowsAtAnOutcome_leavesThePermitOpen() {
    table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));
    Permit probe = table.tryAcquire("a").orElseThrow();

    failing.set(true);
    assertThatThrownBy(probe::recordFailure).hasMessage("clock is broken");

    assertThat(probe.recordFailure()).isTrue();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(2);
    assertThat(table.stats().failures()).isEqualTo(2);
    assertThat(table.stats().staleOutcomes()).isZero();
    assertConsistent();
  }

  @Test
  void clock_thatThrowsWhenASendFailed_releasesAndThrowsWhatTheSendThrew() {
    BackoffState before = table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));

    assertThatThrownBy(() -> table.call("a", () -> {
          failing.set(true);
          throw new IOException("refused");
        }))
        .hasMessage("refused")
        .hasSuppressedException(new IllegalStateException("clock is broken"));

    assertThat(table.state("a")).containsSame(before);
    assertThat(table.stats().failures()).isEqualTo(1);
    assertConsistent();
  }

  static Stream<Named<Function<Executor, CompletableFuture<String>>>> sendsOnAnExecutor() {
    return Stream.of(
        Named.of("at once", pool -> CompletableFuture.supplyAsync(() -> "pong", pool)),
        Named.of(
            "later",
            pool -> CompletableFuture.completedFuture("pong").thenApplyAsync(pong -> pong, pool)));
  }

  @ParameterizedTest
  @MethodSource("sendsOnAnExecutor")
  void executor_thatRejects_releasesThePermit(Function<Executor, CompletableFuture<String>> send) {
    BackoffState before = table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));

    assertThat(table.callAsync(
            "a",
            () -> send.apply(task -> {
              throw new RejectedExecutionException("pool is full");
            })))
        .isCompletedExceptionally();

    assertThat(table.state("a")).containsSame(before);
    assertThat(table.stats().granted()).isEqualTo(1);
    assertThat(table.stats().failures()).isEqualTo(1);
    assertThat(table.stats().staleOutcomes()).isZero();
    assertThat(table.tryAcquire("a")).as("the lease is given back").isPresent();
    assertConsistent();
  }

  @Test
  void interruption_whileRecording_changesNothingAndIsKept() throws Exception {
    Threads.race(4, thread -> {
      Thread.currentThread().interrupt();
      for (int i = 0; i < 5_000; i++) {
        table.recordFailure("peer-" + thread + "-" + i); // evicts another peer
        table.shouldRetry("shared");
        table.recordFailure("shared");
      }
      table.cleanUp();
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    });

    assertThat(table.state("shared").orElseThrow().attempts()).isEqualTo(20_000);
    BackoffStats stats = table.stats();
    assertThat(stats.failures()).isEqualTo(40_000);
    assertThat(stats.sizeEvictions() + stats.idleEvictions() + table.size()).isEqualTo(20_001);
    assertConsistent();
  }

  @Test
  void forEach_actionThatThrows_reachesTheCaller() {
    for (int i = 0; i < 10; i++) {
      table.recordFailure("peer-" + i);
    }
    Map<Object, BackoffState> before = table.snapshot();

    assertThatThrownBy(() -> table.forEach((peer, state) -> {
          throw new IllegalStateException("enough");
        }))
        .hasMessage("enough");

    assertThat(table.snapshot()).isEqualTo(before);
    assertConsistent();
  }

  @Test
  void forEach_actionThatWrites_takesEffect() {
    for (int i = 0; i < 10; i++) {
      table.recordFailure(i);
    }

    table.forEach((peer, state) -> {
      if (peer instanceof Integer number) {
        if (number % 2 == 0) {
          table.recordSuccess(number);
        } else {
          table.recordFailure(number);
        }
        table.recordFailure("new " + number);
        table.tryAcquire("new " + number);
        table.cleanUp();
        table.forEach((other, itsState) -> table.restoreState(other, itsState));
      }
    });

    for (int i = 0; i < 10; i++) {
      assertThat(table.state(i).map(BackoffState::attempts))
          .isEqualTo(i % 2 == 0 ? Optional.empty() : Optional.of(2));
      assertThat(table.state("new " + i).orElseThrow().attempts()).isEqualTo(1);
    }
    BackoffStats stats = table.stats();
    assertThat(stats.failures()).isEqualTo(25);
    assertThat(stats.successes()).isEqualTo(5);
    assertThat(stats.denied()).isEqualTo(10);
    assertConsistent();
  }
}
