package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.Attempt;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scrape that is held up, wherever it is, holds up no thread that records. */
final class ScrapeTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Object> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final CountDownLatch heldUp = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final Thread scrape = new Thread(registry::scrape, "scrape");
  private @Nullable Thread recording;

  /** A peer of which the scrape cannot go on. */
  private final class HoldingUp {
    @Override
    public int hashCode() {
      holdUpTheScrape();
      return 1;
    }
  }

  private void holdUpTheScrape() {
    if (Thread.currentThread() == scrape) {
      heldUp.countDown();
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

  @Test
  void record_scrapeIsHeldUpAsItCleansUp_goesOn() throws Exception {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordFailure(new HoldingUp());
    clock.advance(Duration.ofHours(1)); // so that it is idle, and the scrape evicts it

    assertRecordsDuringScrape();

    release();
    table.recordFailure("last"); // by then all that failed two minutes ago is idle
    table.cleanUp();
    assertThat(table.size()).isBetween(100, 130);
  }

  @Test
  void record_scrapeIsHeldUpAsItNamesAPeer_goesOn() throws Exception {
    new BackoffTableMetrics<>(table, "uplink", List.of())
        .topPeers(10, peer -> {
          holdUpTheScrape();
          return "a peer";
        })
        .bindTo(registry);
    table.recordRemoteAdvisory("a", Duration.ofMinutes(1));

    assertRecordsDuringScrape();
  }

  private void assertRecordsDuringScrape() throws Exception {
    scrape.start();
    assertThat(heldUp.await(10, TimeUnit.SECONDS)).isTrue();

    Thread recording = new Thread(this::recordAllSorts, "recording");
    this.recording = recording;
    recording.start();

    await().atMost(Duration.ofSeconds(10)).until(() -> !recording.isAlive());
    assertThat(scrape.isAlive()).isTrue();
  }

  /** More new peers than Caffeine buffers, and often enough time passing for what is idle to expire. */
  private void recordAllSorts() {
    for (int i = 0; i < 2_000; i++) {
      table.recordFailure("new " + i);
      table.recordRemoteAdvisory("again", Duration.ofSeconds(1));
      clock.advance(Duration.ofMillis(
          1_001)); // so that it is due, and a tick of Caffeine's wheel passes now and then
      Attempt probe = table.tryAcquire("again").orElseThrow();
      probe.failed();
      assertThat(table.recordSuccess("again")).isTrue();
    }
  }
}
