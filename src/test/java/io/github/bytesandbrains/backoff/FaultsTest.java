package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys, clocks and callers that misbehave: the table stays usable and consistent. */
final class FaultsTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Object> table =
      ConcurrentBackoffTable.builder().maximumPeers(100).nanoTime(clock).build();

  /** A key like any other of its hash code, that throws from {@code equals} when told to. */
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

  /** Caffeine logs what keys throw while it evicts. Held here, as loggers are held weakly. */
  private static final Logger CAFFEINE = Logger.getLogger("com.github.benmanes.caffeine.cache");

  @BeforeAll
  static void quietCaffeine() {
    CAFFEINE.setLevel(Level.OFF);
  }

  @AfterAll
  static void unquietCaffeine() {
    CAFFEINE.setLevel(null);
  }

  @AfterEach
  void mendKeys() {
    Key.FAULTY.set(false);
  }

  private void assertConsistent() {
    Key.FAULTY.set(false);
    table.recordFailure("one more");
    table.cleanUp();
    assertThat(table.snapshot().keySet().stream().filter(peer -> !table.index.contains(peer)))
        .as("states without an index entry")
        .isEmpty();

    clock.advance(Duration.ofMinutes(10));
    table.cleanUp();
    assertThat(table.snapshot()).as("nothing is kept").isEmpty();
    assertThat(table.index.size()).isZero();
    assertThat(table.recordFailure("a").attempts()).as("and it works").isEqualTo(1);
    assertThat(table.shouldRetry("a")).isFalse();
  }

  @Test
  void keys_thatAllCollide_areToldApart() {
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

  /** Eviction touches keys of others: an innocent caller must not see their faults. */
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

  /** Where the key throws. */
  enum Place {
    HASH_CODE,
    EQUALS
  }

  @ParameterizedTest
  @EnumSource
  void key_thatRunsOutOfMemory_reachesItsCallerAndChangesNothing(Place place) {
    table.recordFailure("a");
    AtomicBoolean exhausted = new AtomicBoolean();
    Object hog = new Object() {
      @Override
      public int hashCode() {
        if (exhausted.get() && place == Place.HASH_CODE) {
          throw new OutOfMemoryError("hashCode");
        }
        return "a".hashCode();
      }

      @Override
      public boolean equals(Object other) {
        if (exhausted.get() && place == Place.EQUALS) {
          throw new OutOfMemoryError("equals");
        }
        return this == other;
      }
    };
    table.recordFailure(hog);
    Map<Object, BackoffState> before = table.snapshot();

    exhausted.set(true);
    assertThatThrownBy(() -> table.recordFailure(hog)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> table.shouldRetry(hog)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> table.recordSuccess(hog)).isInstanceOf(OutOfMemoryError.class);
    assertThat(table.recordFailure("b").attempts()).isEqualTo(1);
    exhausted.set(false);

    table.recordSuccess("b");
    assertThat(table.snapshot()).isEqualTo(before);
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
  }

  @Test
  void clock_thatThrowsOnce_costsThatCallOnly() {
    AtomicInteger reads = new AtomicInteger();
    ConcurrentBackoffTable<String> hiccup = ConcurrentBackoffTable.builder()
        .nanoTime(() -> {
          if (reads.incrementAndGet() == 2) {
            throw new IllegalStateException("hiccup");
          }
          return clock.getAsLong();
        })
        .build();
    hiccup.recordFailure("a");

    assertThatThrownBy(() -> hiccup.recordFailure("a")).hasMessage("hiccup");

    assertThat(hiccup.recordFailure("a").attempts()).isEqualTo(2);
  }

  @Test
  void executor_thatRejects_abandonsTheAttempt() {
    BackoffState before = table.recordFailure("a");
    clock.advance(Duration.ofMillis(10));

    assertThat(table.callAsync(
            "a",
            () -> CompletableFuture.supplyAsync(() -> "pong", task -> {
              throw new RejectedExecutionException("pool is full");
            })))
        .isCompletedExceptionally();

    assertThat(table.state("a")).containsSame(before);
  }

  @Test
  void interruption_inTheMiddle_changesNothingAndIsKept() throws Exception {
    Threads.race(4, thread -> {
      Thread.currentThread().interrupt();
      for (int i = 0; i < 5_000; i++) {
        table.recordFailure("peer-" + thread + "-" + i); // evicts all the while
        table.shouldRetry("shared");
        table.recordFailure("shared");
      }
      table.cleanUp();
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    });

    assertThat(table.state("shared").orElseThrow().attempts()).isEqualTo(20_000);
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
}
