package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Permit;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A walk skips idle peers and seldom cleans up. A scrape that is blocked, wherever it is, blocks no
 * thread that records.
 */
final class ScrapeTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Object> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final CountDownLatch blocked = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final Thread scrape = new Thread(registry::scrape, "scrape");
  private @Nullable Thread recording;

  /** A peer at which the scrape blocks. */
  private final class BlockingPeer {
    @Override
    public int hashCode() {
      blockTheScrape();
      return 1;
    }
  }

  private void blockTheScrape() {
    if (Thread.currentThread() == scrape) {
      blocked.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @AfterEach
  void release() throws Exception {
    released.countDown();
    scrape.join(TimeUnit.SECONDS.toMillis(10));
    if (recording != null) {
      recording.join(TimeUnit.SECONDS.toMillis(10));
    }
  }

  private double tracked() {
    return registry.get("backoff.peers.tracked").gauge().value();
  }

  @Test
  void scrape_idlePeers_areNotCounted() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    assertThat(tracked()).isZero(); // the first walk cleans up
    table.recordFailure("a");
    table.recordFailure("b");
    clock.advance(Duration.ofMillis(10).plus(table.idleTimeout()).minusNanos(1));
    table.restoreState("c", new BackoffState(1, 0, clock.getAsLong()));
    assertThat(tracked()).isEqualTo(3); // this walk cleans up again, and finds nobody idle

    clock.advance(Duration.ofNanos(1));

    assertThat(tracked()).isEqualTo(1);
    assertThat(table.size()).as("not yet evicted").isEqualTo(3);
  }

  @Test
  void scrape_manyWalks_cleanUpOncePerIdleTimeout() {
    clock.set(0);
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.restoreState("a", idle());
    assertThat(tracked()).isZero();
    assertThat(table.size()).as("the first walk cleans up").isZero();
    table.restoreState("b", idle());
    table.restoreState("never", new BackoffState(1, 0, Long.MAX_VALUE));

    for (int second = 0; second < 119; second++) {
      clock.advance(Duration.ofSeconds(1));
      assertThat(tracked()).isEqualTo(1);
      assertThat(table.size()).isEqualTo(2);
    }
    clock.advance(Duration.ofSeconds(1));
    assertThat(tracked()).isEqualTo(1);
    assertThat(table.size()).isEqualTo(1);
  }

  /** Otherwise the markers of recovered peers would stay while only successes come. */
  @Test
  void scrape_idleTimeoutOfNever_cleansUpOnceAnHour() {
    ConcurrentBackoffTable<Object> lasting = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofNanos(Long.MAX_VALUE))
        .nanoTime(clock)
        .build();
    BackoffTableMetrics.monitor(registry, lasting, "uplink");
    assertThat(tracked()).isZero();
    WeakReference<Object> recovered = recovered(lasting);

    clock.advance(Duration.ofHours(1));
    assertThat(tracked()).isZero();
    Awaitility.await().until(() -> {
      System.gc();
      return recovered.refersTo(null);
    });
  }

  private static WeakReference<Object> recovered(ConcurrentBackoffTable<Object> table) {
    Object peer = new Object();
    table.recordFailure(peer);
    table.recordSuccess(peer);
    return new WeakReference<>(peer);
  }

  @Test
  void scrape_shortIdleTimeout_cleansUpOnceAMinute() {
    ConcurrentBackoffTable<Object> brief = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofSeconds(1))
        .nanoTime(clock)
        .build();
    BackoffTableMetrics.monitor(registry, brief, "uplink");
    assertThat(tracked()).isZero();
    brief.restoreState("a", due());

    clock.advance(Duration.ofSeconds(59));
    assertThat(tracked()).as("idle, but not yet evicted").isZero();
    assertThat(brief.size()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(tracked()).isZero();
    assertThat(brief.size()).isZero();
  }

  @Test
  void scrape_clockWasSetBack_cleansUpAfterTheIdleTimeout() {
    clock.set(0);
    BackoffTableMetrics.monitor(registry, table, "uplink");
    assertThat(tracked()).isZero();
    clock.set(Duration.ofDays(-365).toNanos());
    table.restoreState("a", idle());
    assertThat(tracked()).isZero();
    assertThat(table.size()).as("not yet evicted").isEqualTo(1);
    clock.advance(table.idleTimeout().minusNanos(1));
    assertThat(tracked()).isZero();
    assertThat(table.size()).as("not yet evicted").isEqualTo(1);
    clock.advance(Duration.ofNanos(1));
    assertThat(tracked()).isZero();
    assertThat(table.size()).isZero();
  }

  @Test
  void scrape_idleTimeoutNever_countsEveryPeer() {
    ConcurrentBackoffTable<Object> patient = ConcurrentBackoffTable.builder()
        .idleTimeout(Duration.ofNanos(Long.MAX_VALUE))
        .nanoTime(clock)
        .build();
    clock.set(Long.MIN_VALUE);
    BackoffTableMetrics.monitor(registry, patient, "uplink");
    patient.restoreState("a", due());

    for (long now : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      clock.set(now);
      assertThat(tracked()).as("at " + now).isEqualTo(1);
    }
    assertThat(patient.size()).isEqualTo(1);
  }

  @Test
  void scrape_idleForLongerThanALong_isNotCounted() {
    clock.set(Long.MAX_VALUE - 2);
    BackoffTableMetrics.monitor(registry, table, "uplink");
    assertThat(tracked()).isZero();
    table.restoreState("a", new BackoffState(1, Long.MIN_VALUE, Long.MIN_VALUE));
    clock.set(Long.MAX_VALUE - 1);

    assertThat(tracked()).isZero();
    assertThat(table.size()).as("not yet evicted").isEqualTo(1);
  }

  @Test
  void scrape_farInTheFutureAfterAWalk_isAnotherWalk() {
    clock.set(Long.MIN_VALUE);
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordFailure("a");
    assertThat(tracked()).isEqualTo(1);
    clock.set(Long.MAX_VALUE);

    assertThat(registry.get("backoff.peers.cooling").gauge().value()).isZero();
    assertThat(tracked()).isZero();
    assertThat(table.size()).isZero();
  }

  /** The state of a peer that has just become idle. */
  private BackoffState idle() {
    long nextRetryNanos = clock.getAsLong() - table.idleTimeout().toNanos();
    return new BackoffState(1, nextRetryNanos, nextRetryNanos);
  }

  /** The state of a peer that has just become due. */
  private BackoffState due() {
    return new BackoffState(1, clock.getAsLong(), clock.getAsLong());
  }

  @Test
  void record_scrapeBlocksInItsCleanUp_returns() throws Exception {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordFailure(new BlockingPeer());
    clock.advance(Duration.ofHours(1)); // so that it is idle, and the scrape evicts it

    assertRecordsDuringScrape();

    release();
    table.recordFailure("last"); // by then all that failed two minutes ago is idle
    table.cleanUp();
    assertThat(table.size()).isBetween(100, 130);
  }

  @Test
  void record_scrapeBlocksAsItNamesAPeer_returns() throws Exception {
    new BackoffTableMetrics<>(table, "uplink", List.of())
        .topPeers(10, peer -> {
          blockTheScrape();
          return "a peer";
        })
        .bindTo(registry);
    table.recordRemoteAdvisory("a", Duration.ofMinutes(1));

    assertRecordsDuringScrape();
  }

  private void assertRecordsDuringScrape() throws Exception {
    scrape.start();
    assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();

    Thread recording = new Thread(this::recordEveryOutcome, "recording");
    this.recording = recording;
    recording.start();

    await().atMost(Duration.ofSeconds(10)).until(() -> !recording.isAlive());
    assertThat(scrape.isAlive()).isTrue();
  }

  /** Records more new peers than Caffeine buffers, while peers become idle. */
  private void recordEveryOutcome() {
    for (int i = 0; i < 2_000; i++) {
      table.recordFailure("new " + i);
      table.recordRemoteAdvisory("again", Duration.ofSeconds(1));
      clock.advance(Duration.ofMillis(1_001)); // it is due, and a tick of Caffeine's wheel passes
      Permit probe = table.tryAcquire("again").orElseThrow();
      probe.recordFailure();
      assertThat(table.recordSuccess("again")).isTrue();
    }
  }
}
