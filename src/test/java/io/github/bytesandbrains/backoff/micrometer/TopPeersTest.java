package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.HookedPeer;
import io.github.bytesandbrains.backoff.Threads;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gauges of the peers that must wait longest. */
final class TopPeersTest {
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.builder()
      .maxAdvisory(Duration.ofDays(100))
      .nanoTime(clock)
      .build();
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private BackoffTableMetrics<Integer> bind(int most, Function<Integer, String> peerName) {
    BackoffTableMetrics<Integer> metrics =
        new BackoffTableMetrics<>(table, "uplink", Tags.empty()).topPeers(most, peerName);
    metrics.bindTo(registry);
    return metrics;
  }

  private void advise(int seconds, int... peers) {
    for (int peer : peers) {
      table.recordRemoteAdvisory(peer, Duration.ofSeconds(seconds));
    }
  }

  /** Reads a gauge that walks the table. */
  private double scrape() {
    return registry.get("backoff.peers.cooling").gauge().value();
  }

  private Map<String, Double> secondsByPeer() {
    Map<String, Double> seconds = new TreeMap<>();
    for (Gauge gauge : registry.find("backoff.retry.delay.peer").gauges()) {
      seconds.put(gauge.getId().getTag("peer"), gauge.value());
    }
    return seconds;
  }

  @Test
  void bindTo_topPeersNotAskedFor_noGauge() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    advise(30, 1);

    assertThat(scrape()).isEqualTo(1);
    assertThat(secondsByPeer()).isEmpty();
  }

  @Test
  void scrape_moreCoolingPeersThanGauges_theLongestHaveOne() {
    bind(2, peer -> "peer-" + peer);
    advise(0, 0);
    for (int i = 1; i <= 50; i++) {
      advise(i, i * 7 % 53);
    }
    scrape();

    assertThat(secondsByPeer())
        .containsExactly(
            Map.entry("peer-" + 49 * 7 % 53, 49.0), Map.entry("peer-" + 50 * 7 % 53, 50.0));
  }

  @Test
  void gauges_betweenScrapes_showTheRemainingDelayOfThatMoment() {
    bind(2, String::valueOf);
    advise(30, 1);
    advise(20, 2);
    scrape();
    clock.advance(Duration.ofSeconds(5));
    table.recordSuccess(2);

    assertThat(secondsByPeer()).containsExactly(Map.entry("1", 25.0), Map.entry("2", 0.0));
  }

  @Test
  void gauges_probingPeer_showTheRestOfItsLease() {
    bind(2, String::valueOf);
    advise(0, 1);
    assertThat(table.tryAcquire(1)).isPresent();
    scrape();
    clock.advance(Duration.ofSeconds(4));

    assertThat(secondsByPeer()).containsExactly(Map.entry("1", 6.0));
    assertThat(registry.get("backoff.retry.delay.max").timeGauge().value(TimeUnit.SECONDS))
        .isEqualTo(6);
  }

  @Test
  void scrape_othersWaitLonger_theGaugesAreTheirs() {
    bind(2, String::valueOf);
    advise(30, 1, 2);
    scrape();
    advise(40, 3);
    table.recordSuccess(2);
    scrape();

    assertThat(secondsByPeer()).containsExactly(Map.entry("1", 30.0), Map.entry("3", 40.0));

    clock.advance(Duration.ofSeconds(40));
    scrape();
    assertThat(secondsByPeer()).as("nobody is cooling").isEmpty();
  }

  @Test
  void scrape_equalNames_oneGaugeWithTheLongest() {
    bind(3, peer -> "subnet");
    advise(10, 1);
    scrape();
    advise(30, 2);
    advise(20, 3);
    scrape();

    assertThat(secondsByPeer()).containsExactly(Map.entry("subnet", 30.0));
  }

  @Test
  void scrape_delayThatNeverEnds_isOnTop() {
    bind(1, String::valueOf);
    advise(10, 1);
    table.restoreState(2, new BackoffState(1, 0, Long.MAX_VALUE));
    scrape();

    assertThat(secondsByPeer()).containsOnlyKeys("2");
  }

  @Test
  void topPeers_tenOrManyPeers_isTheSameNumberOfMeters() {
    bind(10, String::valueOf);
    for (int i = 0; i < 10; i++) {
      table.recordFailure(i);
    }
    assertThat(scrape()).isEqualTo(10);
    int few = registry.getMeters().size();
    for (int i = 0; i < 100_000; i++) {
      table.recordFailure(i);
    }

    assertThat(scrape()).isEqualTo(100_000);
    assertThat(secondsByPeer()).hasSize(10);
    assertThat(registry.getMeters()).hasSize(few);
  }

  @Test
  void topPeers_outOfBounds_isRejected() {
    BackoffTableMetrics<Integer> metrics = new BackoffTableMetrics<>(table, "uplink", Tags.empty());

    for (int most : new int[] {-1, 0, 11}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> metrics.topPeers(most, String::valueOf))
          .withMessage("most: " + most + " (expected: 1 to 10)");
    }
  }

  /** What a caller's function may do instead of returning a name. */
  enum Fault {
    EXCEPTION {
      @Override
      @Nullable
      String happen() {
        throw new IllegalStateException("no name");
      }
    },
    ERROR {
      @Override
      @Nullable
      String happen() {
        throw new AssertionError("no name");
      }
    },
    NULL {
      @Override
      @Nullable
      String happen() {
        return null;
      }
    };

    abstract @Nullable String happen();
  }

  @ParameterizedTest
  @EnumSource
  @SuppressWarnings("NullAway") // what a caller without a checker may do
  void scrape_peerWithoutName_isLeftOutAndEverythingElseIsRight(Fault fault) {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(
        key -> "prometheus.throwExceptionOnRegistrationFailure".equals(key) ? "true" : null);
    new BackoffTableMetrics<>(table, "uplink", Tags.empty())
        .topPeers(3, peer -> peer % 2 == 0 ? String.valueOf(peer) : fault.happen())
        .bindTo(prometheus);
    advise(30, 1);
    advise(20, 2);
    advise(10, 3);
    advise(5, 4);
    table.recordRemoteAdvisory(5, Duration.ZERO);

    for (int i = 0; i < 2; i++) {
      Map<String, Double> seconds = new TreeMap<>();
      for (Meter meter : prometheus.getMeters()) {
        meter.measure().forEach(measurement -> {
          assertThat(measurement.getValue()).as(meter.getId().toString()).isNotNaN();
          seconds.merge(meter.getId().getName(), measurement.getValue(), Double::sum);
        });
      }
      assertThat(seconds)
          .containsEntry("backoff.peers.tracked", 5.0)
          .containsEntry("backoff.peers.cooling", 4.0)
          .containsEntry("backoff.retry.delay.max", 30.0)
          .containsEntry("backoff.retry.delay.mean", 16.25);
    }
    assertThat(prometheus.scrape()).doesNotContain("NaN");
    assertThat(prometheus.scrape().lines().filter(line -> line.contains("_delay_peer_seconds{")))
        .containsExactly("backoff_retry_delay_peer_seconds{peer=\"2\",table=\"uplink\"} 20.0");
  }

  @Test
  void scrape_allPeersWithoutName_noGauge() {
    bind(10, peer -> {
      throw new IllegalStateException("no name");
    });
    advise(30, 1);

    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isEqualTo(1);
    assertThat(scrape()).isEqualTo(1);
    assertThat(secondsByPeer()).isEmpty();
  }

  @Test
  void scrape_peerLosesItsName_losesItsGauge() {
    AtomicBoolean nameless = new AtomicBoolean();
    bind(10, peer -> {
      if (nameless.get()) {
        throw new IllegalStateException("no name");
      }
      return "peer";
    });
    advise(30, 1);
    scrape();
    assertThat(secondsByPeer()).containsOnlyKeys("peer");
    nameless.set(true);
    scrape();

    assertThat(secondsByPeer()).isEmpty();
  }

  @Test
  void scrape_aGaugeOfThatPeerIsThere_itIsLeftAlone() {
    Gauge old = Gauge.builder("backoff.retry.delay.peer", () -> 7)
        .tags("peer", "1", "table", "uplink")
        .register(registry);
    BackoffTableMetrics<Integer> metrics = bind(10, String::valueOf);
    advise(30, 1, 2);
    scrape();

    assertThat(secondsByPeer()).containsExactly(Map.entry("1", 7.0), Map.entry("2", 30.0));
    metrics.close();
    assertThat(registry.getMeters()).containsExactly(old);
  }

  @Test
  void close_registryWasClearedAndIsUsedByAnother_theOthersGaugesStay() {
    BackoffTableMetrics<Integer> metrics = bind(1, String::valueOf);
    advise(30, 1);
    scrape();
    registry.clear();
    bind(1, String::valueOf);
    scrape();
    int meters = registry.getMeters().size();
    metrics.close();

    assertThat(secondsByPeer()).containsExactly(Map.entry("1", 30.0));
    assertThat(registry.getMeters()).hasSize(meters);
  }

  @Test
  void close_topPeersShown_removesThemAndLetsGoOfTheTable() {
    WeakReference<ConcurrentBackoffTable<String>> dropped = shownAndClosed(registry);

    assertThat(registry.getMeters()).isEmpty();
    await().until(() -> {
      System.gc();
      return dropped.get() == null;
    });
  }

  private static WeakReference<ConcurrentBackoffTable<String>> shownAndClosed(
      MeterRegistry registry) {
    ConcurrentBackoffTable<String> local = ConcurrentBackoffTable.create();
    local.recordRemoteAdvisory("a", Duration.ofSeconds(30));
    try (BackoffTableMetrics<String> metrics =
        new BackoffTableMetrics<>(local, "local", Tags.empty()).topPeers(1, peer -> peer)) {
      metrics.bindTo(registry);
      assertThat(registry.get("backoff.peers.cooling").gauge().value()).isEqualTo(1);
      assertThat(registry.get("backoff.retry.delay.peer").gauges()).hasSize(1);
    }
    return new WeakReference<>(local);
  }

  @Test
  void close_scrapeUnderWay_addsNoGauge() {
    BackoffTableMetrics<Integer> metrics = bind(1, String::valueOf);
    Gauge cooling = registry.get("backoff.peers.cooling").gauge();
    advise(30, 1);
    metrics.close();

    assertThat(cooling.value()).isEqualTo(1);
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void scrape_prometheus_showsThemOnePageLaterAtMost() {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BackoffTableMetrics<>(table, "uplink", Tags.empty())
        .topPeers(2, peer -> "10.0.0." + peer + ":443")
        .bindTo(prometheus);
    advise(30, 1);
    advise(20, 2);
    advise(10, 3);
    prometheus.scrape();

    assertThat(prometheus.scrape().lines().filter(line -> line.contains("_delay_peer_")))
        .containsExactly(
            "# HELP backoff_retry_delay_peer_seconds Remaining delay of each of the peers that"
                + " must wait longest",
            "# TYPE backoff_retry_delay_peer_seconds gauge",
            "backoff_retry_delay_peer_seconds{peer=\"10.0.0.1:443\",table=\"uplink\"} 30.0",
            "backoff_retry_delay_peer_seconds{peer=\"10.0.0.2:443\",table=\"uplink\"} 20.0");
  }

  /** The registry would read the family twice, and throw because the peer is in it twice. */
  @RepeatedTest(20) // the order in which a registry reads its families is random
  void scrape_onlyPeerLeavesAndReturnsMeanwhile_isOnThePageOnce() {
    HookedPeer peer = new HookedPeer();
    ConcurrentBackoffTable<HookedPeer> hooked =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BackoffTableMetrics<>(hooked, "uplink", Tags.empty())
        .topPeers(1, p -> "a")
        .bindTo(prometheus);
    hooked.recordRemoteAdvisory(peer, Duration.ofSeconds(30));
    prometheus.scrape();

    peer.hookAfter(
        0,
        () -> { // as the gauge of the peer is read
          hooked.recordSuccess(peer);
          prometheus.scrape();
          prometheus.scrape();
          hooked.recordRemoteAdvisory(peer, Duration.ofSeconds(20));
          prometheus.scrape();
          prometheus.scrape();
        });

    assertThat(prometheus.scrape().lines().filter(line -> line.contains("_delay_peer_seconds{")))
        .containsExactly("backoff_retry_delay_peer_seconds{peer=\"a\",table=\"uplink\"} 20.0");
  }

  @Test
  void scrape_gaugeWasRemoved_nothingIsAddedForASecond() {
    bind(1, String::valueOf);
    advise(30, 1);
    scrape();
    advise(40, 2);
    scrape();
    advise(50, 3);
    scrape();
    assertThat(secondsByPeer()).containsOnlyKeys("2");

    clock.advance(Duration.ofSeconds(1).minusNanos(1));
    scrape();
    assertThat(secondsByPeer()).containsOnlyKeys("2");

    clock.advance(Duration.ofNanos(1));
    scrape();
    assertThat(secondsByPeer()).containsOnlyKeys("3");
    clock.advance(Duration.ofSeconds(-9));
    advise(90, 4);
    scrape();
    assertThat(secondsByPeer()).as("the clock was set back").containsOnlyKeys("4");
  }

  @Test
  @Tag("concurrent")
  void scrape_byManyThreadsWhileOthersRecord_everyPageIsWhole() throws Exception {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BackoffTableMetrics<>(table, "uplink", Tags.empty())
        .topPeers(10, String::valueOf)
        .bindTo(prometheus);
    CyclicBarrier next = new CyclicBarrier(4, () -> clock.advance(Duration.ofSeconds(1)));

    Threads.race(4, thread -> {
      for (int i = 0; i < 200; i++) {
        next.await(); // then the gauges may change again
        if (thread < 2) {
          advise(1 + i, 7 * thread + i);
          table.recordSuccess(7 * thread + i - 20);
        } else {
          assertThat(prometheus.scrape().lines().filter(line -> line.startsWith("backoff_")))
              .hasSizeGreaterThanOrEqualTo(20)
              .doesNotHaveDuplicates()
              .noneMatch(line -> line.endsWith(" NaN"));
        }
      }
    });
    clock.advance(Duration.ofSeconds(1));
    prometheus.scrape();

    assertThat(prometheus.scrape().lines().filter(line -> line.contains("_delay_peer_seconds{")))
        .hasSize(10);
  }
}
