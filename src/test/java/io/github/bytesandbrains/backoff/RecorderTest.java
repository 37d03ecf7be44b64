package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each thread records with a recorder of its own, which nobody must be able to tell from the answers. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class RecorderTest {
  private static final long MILLISECOND = 1_000_000;

  private final FakeClock clock = new FakeClock();
  private final long start = clock.getAsLong();
  private final ConcurrentBackoffTable<Object> table = ConcurrentBackoffTable.builder()
      .schedule(attempts -> attempts * MILLISECOND)
      .nanoTime(clock)
      .build();
  private final Recorders<Object> recorders = new Recorders<>(table);

  private Recorder<Object> own() {
    return requireNonNull(recorders.own());
  }

  /** Runs a task in a new thread that has the slot of another one. */
  private static <T> T inThreadLike(Thread other, Callable<T> task) throws Exception {
    while (true) {
      FutureTask<T> future = new FutureTask<>(task);
      Thread thread = new Thread(future);
      if (Recorders.slot(thread) == Recorders.slot(other)) {
        thread.start();
        T result = future.get();
        thread.join();
        return result;
      }
    }
  }

  @Test
  void own_sameThread_isTheSame() {
    Recorder<Object> own = recorders.own();

    assertThat(own).isNotNull();
    assertThat(recorders.own()).isSameAs(own);
  }

  @Test
  void own_slotOfAThreadThatLives_isNone() throws Exception {
    Recorder<Object> own = recorders.own();

    assertThat(inThreadLike(Thread.currentThread(), recorders::own)).isNull();
    assertThat(recorders.own()).isSameAs(own);
  }

  @Test
  void own_slotOfAThreadThatEnded_goesOnWithItsCounts() throws Exception {
    Thread other = new Thread(() -> {
      Recorder<Object> own = own();
      own.at(start);
      own.next(BackoffState.FORGOTTEN);
    });
    other.start();
    other.join();

    Recorder<Object> own = inThreadLike(other, () -> {
      Recorder<Object> successor = own();
      successor.at(start);
      successor.next(new BackoffState(2, start, start));
      return successor;
    });

    assertThat(own.failures()).isEqualTo(2);
    assertThat(own.delayMicros()).isEqualTo(1_000 + 3_000);
    assertThat(recorders.sum(Recorder::failures)).isEqualTo(2);
    assertThat(recorders.sum(Recorder::delayMicros)).isEqualTo(1_000 + 3_000);
  }

  @Test
  void recordFailure_withAndWithoutRecorder_countsBoth() throws Exception {
    table.recordFailure("a", start);
    BackoffState second =
        inThreadLike(Thread.currentThread(), () -> table.recordFailure("a", start + 5));

    assertThat(second).isEqualTo(new BackoffState(2, start + 5, start + 5 + 2 * MILLISECOND));
    assertThat(table.stats().failures()).isEqualTo(2);
    assertThat(table.stats().failureDelays()).isEqualTo(Duration.ofMillis(1 + 2));
  }

  /** More threads than slots, one after the other and side by side. */
  @Test
  void recordFailure_manyThreads_countsEach() throws Exception {
    int threads = 600;
    int failures = 50;
    for (int round = 0; round < 2; round++) {
      List<Thread> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Thread thread = new Thread(() -> {
          for (int failure = 0; failure < failures; failure++) {
            table.recordFailure(failure % 2 == 0 ? "hot" : Thread.currentThread(), start);
          }
        });
        all.add(thread);
        thread.start();
        if (round == 0) {
          thread.join();
        }
      }
      for (Thread thread : all) {
        thread.join();
      }
    }

    int each = threads * failures;
    assertThat(table.state("hot").orElseThrow().attempts()).isEqualTo(each);
    assertThat(table.stats().failures()).isEqualTo(2L * each);
    long delays = upTo(each) + 2L * threads * upTo(failures / 2);
    assertThat(table.stats().failureDelays()).isEqualTo(Duration.ofMillis(delays));
  }

  private static long upTo(long attempts) {
    return attempts * (attempts + 1) / 2;
  }

  @Test
  void recordFailure_thatIsNeverOver_countsNoDelay() {
    ConcurrentBackoffTable<String> never =
        ConcurrentBackoffTable.builder().schedule(attempts -> Long.MAX_VALUE).build();

    never.recordFailure("a", 5);

    assertThat(never.stats().failures()).isEqualTo(1);
    assertThat(never.stats().failureDelays()).isZero();
  }

  /** A look-up of the peer that itself records, of another peer and at another time. */
  @Test
  void recordFailure_withinAnother_eachHasItsOwnTime() {
    for (int lookUps = 0; lookUps < 2; lookUps++) {
      MeddlingPeer peer = new MeddlingPeer();
      String other = "recorded within look-up " + lookUps;
      peer.meddleAfter(lookUps, () -> table.recordFailure(other, start + 1));

      BackoffState recorded = table.recordFailure(peer, start + 2);

      assertThat(recorded.lastAttemptNanos()).isEqualTo(start + 2);
      assertThat(table.state(other).orElseThrow().lastAttemptNanos()).isEqualTo(start + 1);
      IndexCheck.assertIndexed(table);
    }
    assertThat(table.stats().failures()).isEqualTo(4);
  }

  /** The 16th failure of a thread looks whether others record the same peer, and finds that they do. */
  @Test
  void recordFailure_othersRecordSinceTheLook_countsAll() {
    MeddlingPeer peer = new MeddlingPeer();
    table.recordFailure(peer, start);
    for (int i = 0; i < 14; i++) {
      table.recordFailure("another", start);
    }

    peer.meddleAfter(1, () -> {
      table.recordFailure(peer, start + 1);
      table.recordFailure(peer, start + 2);
    });
    BackoffState recorded = table.recordFailure(peer, start + 3);

    assertThat(recorded).isEqualTo(new BackoffState(4, start + 3, start + 3 + 4 * MILLISECOND));
    assertThat(table.stats().failures()).isEqualTo(4 + 14);
  }

  @Test
  void looks_oneFailureInSixteen() {
    Recorder<Object> own = own();
    int looks = 0;
    for (int i = 0; i < 160; i++) {
      looks += own.looks() ? 1 : 0;
      own.next(BackoffState.FORGOTTEN);
    }

    assertThat(looks).isEqualTo(10);
  }
}
