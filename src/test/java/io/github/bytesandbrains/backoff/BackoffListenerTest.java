package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

final class BackoffListenerTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table =
      ConcurrentBackoffTable.builder().maximumPeers(10).nanoTime(clock).build();
  private final List<String> calls = new ArrayList<>();

  private void listen() {
    table.addListener(
        (peer, change, state) -> calls.add(peer + " " + change + " " + state.attempts()));
  }

  private List<String> takeCalls() {
    List<String> copy = List.copyOf(calls);
    calls.clear();
    return copy;
  }

  @Test
  void changed_eachOutcome_isCalledAfterItIsVisible() throws Exception {
    List<Optional<BackoffState>> visible = new ArrayList<>();
    AutoCloseable registration = table.addListener((peer, change, state) -> {
      calls.add(change + " " + state.attempts());
      visible.add(table.state(peer));
    });

    BackoffState failed = table.recordFailure("a");
    BackoffState advised = table.recordRemoteAdvisory("a", Duration.ofSeconds(1));
    table.recordSuccess("a");
    table.recordSuccess("a");
    assertThat(takeCalls()).containsExactly("FAILED 1", "ADVISED 2", "SUCCEEDED 2");
    assertThat(visible)
        .containsExactly(Optional.of(failed), Optional.of(advised), Optional.empty());

    registration.close();
    table.recordFailure("a");
    assertThat(takeCalls()).isEmpty();
  }

  @Test
  void changed_permits_isCalledIfTheyChangeThePeer() {
    listen();
    Permit first = table.acquire("a");
    Permit second = table.acquire("a");
    Permit third = table.acquire("a");
    Permit fourth = table.acquire("a");

    assertThat(first.recordFailure()).isTrue();
    assertThat(second.recordFailure()).as("stale").isFalse();
    assertThat(third.recordRemoteAdvisory(Duration.ofSeconds(30))).as("stale").isFalse();
    assertThat(fourth.recordRemoteAdvisory(Duration.ofSeconds(20)))
        .as("no longer")
        .isFalse();
    assertThat(takeCalls()).containsExactly("a FAILED 1", "a ADVISED 1");

    clock.advance(Duration.ofSeconds(30));
    Permit probe = table.acquire("a");
    probe.release();
    assertThat(probe.recordSuccess()).isTrue();
    assertThat(table.acquire("a").recordSuccess()).as("of a healthy peer").isTrue();
    assertThat(takeCalls()).containsExactly("a SUCCEEDED 1");
  }

  @Test
  void changed_evictions_isCalledWithTheLastState() {
    listen();
    table.recordFailure("a");
    table.recordSuccess("a");
    table.recordFailure("b");
    takeCalls();

    clock.advance(Duration.ofMinutes(10));
    table.cleanUp();
    assertThat(takeCalls())
        .as("the marker of a is not a tracked peer")
        .containsExactly("b EVICTED 1");

    for (int i = 0; i < 11; i++) {
      table.recordFailure("peer-" + i);
    }
    assertThat(takeCalls()).hasSize(12).contains("peer-0 EVICTED 1");
    assertThat(table.size()).isEqualTo(10);
  }

  @Test
  void changed_steering_isNotCalled() {
    listen();
    table.postpone("a", Duration.ofSeconds(1));
    table.expedite("a");
    table.restoreState("a", new BackoffState(3, 0, clock.getAsLong()));
    table.forget("a");

    assertThat(takeCalls()).isEmpty();
  }

  @Test
  void changed_listenerThatThrows_isLoggedAndReachesNobody() {
    table.addListener((peer, change, state) -> {
      throw new StackOverflowError("listener is broken");
    });
    listen();
    List<LogRecord> logged = new ArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord record) {
        logged.add(record);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    Logger logger = Logger.getLogger("io.github.bytesandbrains.backoff");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      assertThat(table.recordFailure("a").attempts()).isEqualTo(1);
      clock.advance(Duration.ofMinutes(10));
      table.cleanUp();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }

    assertThat(takeCalls()).containsExactly("a FAILED 1", "a EVICTED 1");
    assertThat(logged)
        .extracting(LogRecord::getMessage)
        .containsExactly(
            "A backoff listener failed on FAILED", "A backoff listener failed on EVICTED");
    assertThat(logged).allMatch(record -> record.getThrown() instanceof StackOverflowError);
  }

  @Test
  void changed_listenerThatRecordsAndEvicts_isCalledForThat() {
    table.addListener((peer, change, state) -> {
      if (change == Change.FAILED && peer.length() < 5) {
        table.recordFailure(peer + "x");
        table.cleanUp();
      }
    });
    listen();

    table.recordFailure("a");

    assertThat(table.snapshot()).containsOnlyKeys("a", "ax", "axx", "axxx", "axxxx");
    assertThat(takeCalls()).contains("a FAILED 1", "axxxx FAILED 1");
    IndexAssertions.assertIndexed(table);
  }

  @Test
  void changed_listenerThatBlocks_blocksOnlyItsThread() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    table.addListener((peer, change, state) -> {
      if (Thread.currentThread().getName().equals("blocked")) {
        entered.countDown();
        try {
          release.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    });
    Thread blocked = new Thread(() -> table.recordFailure("a"), "blocked");
    blocked.start();
    assertThat(entered.await(1, TimeUnit.MINUTES)).isTrue();

    for (int i = 0; i < 100; i++) { // the same peer, and new ones beyond the bound
      table.recordFailure("a");
      table.recordFailure("b-" + i);
    }
    table.cleanUp();
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(101);

    release.countDown();
    blocked.join();
  }

  @Test
  void addListener_sameListenerTwice_isClosedOnce() throws Exception {
    BackoffListener<Object> listener = (peer, change, state) -> calls.add("called");
    AutoCloseable first = table.addListener(listener);
    AutoCloseable second = table.addListener(listener);
    table.recordFailure("a");
    assertThat(takeCalls()).hasSize(2);

    first.close();
    first.close();
    table.recordFailure("a");
    assertThat(takeCalls()).hasSize(1);
    second.close();
    table.recordFailure("a");
    assertThat(takeCalls()).isEmpty();
  }
}
