package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/**
 * 10,000 virtual threads on one table. The runtime reports a thread that blocks while it is pinned
 * to its carrier. Since JDK 24 (JEP 491) {@code synchronized} does not pin, and a thread that waits
 * for a bin of the map releases its carrier, so no event is expected.
 */
@Tag("concurrent")
@EnabledForJreRange(min = JRE.JAVA_25)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class VirtualThreadsTest {
  private static final int THREADS = 10_000;
  private static final int ROUNDS = 20;
  private static final String PINNED = "jdk.VirtualThreadPinned";

  /** If that many threads kept their carriers, none would be left. */
  private static final int MORE_THAN_CARRIERS = 4 * Runtime.getRuntime().availableProcessors() + 4;

  private final FakeClock clock = new FakeClock();

  @TempDir
  private Path directory;

  private ExecutorService virtualThreads;
  private Recording recording;

  @BeforeEach
  void start() throws Exception {
    // By reflection, because this is compiled for Java 17.
    virtualThreads = (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    recording = new Recording();
    recording.enable(PINNED).withThreshold(Duration.ZERO);
  }

  @AfterEach
  void stop() {
    virtualThreads.shutdownNow();
    recording.close();
  }

  @Test
  void table_tenThousandVirtualThreads_losesNothingAndPinsNoCarrier() throws Exception {
    work(
        ConcurrentBackoffTable.builder().nanoTime(clock).build(),
        500); // initializes classes, which pins
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();

    recording.start();
    Tally tally = work(table, THREADS);

    assertThat(pinned()).isEmpty();
    assertThat(table.state("hot").orElseThrow().attempts()).isEqualTo(THREADS * ROUNDS);
    for (int i = 0; i < 64; i++) {
      assertThat(table.state("peer-" + i).orElseThrow().attempts())
          .isEqualTo(THREADS / 64 * ROUNDS + (i < THREADS % 64 ? ROUNDS : 0));
    }
    BackoffStats stats = table.stats();
    assertThat(stats.failures()).isEqualTo(2L * THREADS * ROUNDS + tally.counted.sum());
    assertThat(stats.staleOutcomes()).isEqualTo(tally.stale.sum());
    assertThat(stats.granted()).isEqualTo(tally.counted.sum() + tally.stale.sum());
    assertThat(stats.denied()).isEqualTo(2L * THREADS - stats.granted());
    assertThat(stats.idleEvictions() + stats.sizeEvictions()).isZero();
    assertThat(table.size()).isEqualTo(THREADS + 64 + 2);
  }

  private static final class Tally {
    final LongAdder counted = new LongAdder();
    final LongAdder stale = new LongAdder();

    void failure(boolean counts) {
      (counts ? counted : stale).increment();
    }
  }

  /** Each thread fails one peer of all threads, one of some, and one of its own. */
  private Tally work(ConcurrentBackoffTable<String> table, int threads) throws Exception {
    Tally tally = new Tally();
    CountDownLatch allStarted = new CountDownLatch(threads);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      futures.add(virtualThreads.submit(() -> {
        allStarted.countDown();
        allStarted.await();
        table
            .tryAcquire("own-" + thread)
            .ifPresent(permit -> tally.failure(permit.recordFailure()));
        for (int round = 0; round < ROUNDS; round++) {
          table.recordFailure("hot");
          table.recordFailure("peer-" + thread % 64);
          table.shouldRetry("hot");
          table.remaining("peer-" + round);
        }
        table.tryAcquire("shared").ifPresent(permit -> tally.failure(permit.recordFailure()));
        if (thread % 100 == 0) {
          table.cleanUp();
        }
        clock.advance(Duration.ofMillis(5)); // 50 s in all: probes, some that lapse, no peer idle
        return null;
      }));
    }
    for (Future<?> future : futures) {
      future.get(2, TimeUnit.MINUTES);
    }
    return tally;
  }

  /** Threads that wait for a bin of the map, which one thread holds, release their carriers. */
  @Test
  void recordFailure_manyWaitForOneBin_othersContinue() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    AtomicBoolean built = new AtomicBoolean(); // build() asks the schedule too
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(attempts -> {
          if (built.get() && inside.getCount() > 0) {
            inside.countDown();
            await(gate);
          }
          return 1;
        })
        .nanoTime(clock)
        .build();
    built.set(true);
    Queue<Thread> waiting = new ConcurrentLinkedQueue<>();
    recording.start();

    List<Future<?>> futures = new ArrayList<>();
    futures.add(virtualThreads.submit(() -> table.recordFailure("a")));
    inside.await();
    for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
      futures.add(virtualThreads.submit(() -> {
        waiting.add(Thread.currentThread());
        return table.recordFailure("a");
      }));
    }
    Awaitility.await()
        .until(() -> waiting.size() == MORE_THAN_CARRIERS
            && waiting.stream().allMatch(thread -> thread.getState() == Thread.State.BLOCKED));
    BackoffState other =
        virtualThreads.submit(() -> table.recordFailure("b")).get(1, TimeUnit.MINUTES);
    gate.countDown();
    for (Future<?> future : futures) {
      future.get(1, TimeUnit.MINUTES);
    }

    assertThat(other.attempts()).isEqualTo(1);
    assertThat(table.state("a").orElseThrow().attempts()).isEqualTo(1 + MORE_THAN_CARRIERS);
    assertThat(pinned()).isEmpty();
  }

  /** The check can fail: a class initializer still pins its thread, which is reported. */
  @Test
  void recording_threadThatBlocksInAnInitializer_hasTheEvent() throws Exception {
    Pinning.gate = new CountDownLatch(1);
    Queue<Thread> blocked = new ConcurrentLinkedQueue<>();
    recording.start();

    Future<?> initialized = virtualThreads.submit(() -> {
      blocked.add(Thread.currentThread());
      return MethodHandles.lookup().defineHiddenClass(code(), true); // a new class each time
    });
    Awaitility.await()
        .until(
            () -> blocked.stream().anyMatch(thread -> thread.getState() == Thread.State.WAITING));
    Pinning.gate.countDown();
    initialized.get(1, TimeUnit.MINUTES);

    assertThat(pinned()).isNotEmpty();
  }

  /** Where a thread that initializes a copy of {@link Initializer} waits. */
  static final class Pinning {
    static volatile CountDownLatch gate = new CountDownLatch(0);

    private Pinning() {}
  }

  static final class Initializer {
    static {
      await(Pinning.gate);
    }

    private Initializer() {}
  }

  private static byte[] code() {
    String name = "VirtualThreadsTest$Initializer.class";
    try (InputStream code = requireNonNull(VirtualThreadsTest.class.getResourceAsStream(name))) {
      return code.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The events of threads that blocked while they were pinned. */
  private List<RecordedEvent> pinned() throws IOException {
    recording.stop();
    Path file = directory.resolve("recording.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file);
  }
}
