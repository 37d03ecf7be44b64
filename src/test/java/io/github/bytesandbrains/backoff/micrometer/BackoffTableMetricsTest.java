package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Permit;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class BackoffTableMetricsTest {
  private static final List<String> GAUGES = List.of(
      "backoff.peers.tracked",
      "backoff.peers.cooling",
      "backoff.retry.delay.max",
      "backoff.retry.delay.mean");

  /** Every meter of a table: name, tags, type and base unit, which are API. */
  private static final List<String> ALL = List.of(
      "backoff.advisories.clamped: counter",
      "backoff.advisories.stale: counter",
      "backoff.delays.imposed source=advisory: timer, seconds",
      "backoff.delays.imposed source=failure: timer, seconds",
      "backoff.evictions cause=idle: counter",
      "backoff.evictions cause=size: counter",
      "backoff.outcomes outcome=advisory: counter",
      "backoff.outcomes outcome=failure: counter",
      "backoff.outcomes outcome=stale: counter",
      "backoff.outcomes outcome=success: counter",
      "backoff.peers.cooling: gauge",
      "backoff.peers.tracked: gauge",
      "backoff.permits result=denied: counter",
      "backoff.permits result=granted: counter",
      "backoff.probes result=failed: counter",
      "backoff.probes result=lapsed: counter",
      "backoff.probes result=released: counter",
      "backoff.probes result=succeeded: counter",
      "backoff.probes.granted: counter",
      "backoff.retry.delay.cap: gauge, seconds",
      "backoff.retry.delay.max: gauge, seconds",
      "backoff.retry.delay.mean: gauge, seconds");

  private static final String TOP_PEER = "backoff.retry.delay.peer peer=peer a: gauge, seconds";

  /** The families that Prometheus sees, with their types. */
  private static final List<String> FAMILIES = List.of(
      "backoff_advisories_clamped_total counter",
      "backoff_advisories_stale_total counter",
      "backoff_delays_imposed_seconds summary",
      "backoff_evictions_total counter",
      "backoff_outcomes_total counter",
      "backoff_peers_cooling gauge",
      "backoff_peers_tracked gauge",
      "backoff_permits_total counter",
      "backoff_probes_granted_total counter",
      "backoff_probes_total counter",
      "backoff_retry_delay_cap_seconds gauge",
      "backoff_retry_delay_max_seconds gauge",
      "backoff_retry_delay_mean_seconds gauge",
      "backoff_retry_delay_peer_seconds gauge");

  private static final int METERS = ALL.size();

  /** The timers among them, which Prometheus shows as a count and a sum. */
  private static final int TIMERS = 2;

  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Object> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private double gauge(String name) {
    return registry.get(name).tag("table", "uplink").gauge().value();
  }

  private double seconds(String name) {
    return registry.get(name).tag("table", "uplink").timeGauge().value(TimeUnit.SECONDS);
  }

  /** One cooling for 10 ms, one for 30 s, one due. */
  private void fillThree() {
    table.recordFailure("a");
    table.recordRemoteAdvisory("b", Duration.ofSeconds(30));
    table.recordRemoteAdvisory("c", Duration.ZERO);
  }

  @Test
  void monitor_emptyTable_isAllZero() {
    BackoffTableMetrics.monitor(registry, table, "uplink");

    for (String name : GAUGES) {
      assertThat(gauge(name)).as(name).isZero();
    }
  }

  @Test
  void monitor_somePeers_gaugesShowThem() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    fillThree();

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(3);
    assertThat(gauge("backoff.peers.cooling")).isEqualTo(2);
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(30);
    assertThat(seconds("backoff.retry.delay.mean")).isEqualTo(15.005);

    clock.advance(Duration.ofSeconds(29));

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(3);
    assertThat(gauge("backoff.peers.cooling")).isEqualTo(1);
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(1);
    assertThat(seconds("backoff.retry.delay.mean")).isEqualTo(1);
  }

  @Test
  void monitor_delaysThatNeverEnd_addUpWithoutOverflow() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.restoreState("a", new BackoffState(1, 0, Long.MAX_VALUE));
    table.restoreState("b", new BackoffState(1, 0, Long.MAX_VALUE));

    assertThat(seconds("backoff.retry.delay.mean"))
        .isEqualTo(seconds("backoff.retry.delay.max"))
        .isPositive();
  }

  @Test
  void scrape_allGauges_shareOneWalk() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordFailure("a");

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(1);
    table.recordRemoteAdvisory("b", Duration.ofSeconds(30)); // not in the walk of this scrape
    assertThat(gauge("backoff.peers.cooling")).isEqualTo(1);
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(0.01);
    assertThat(seconds("backoff.retry.delay.mean")).isEqualTo(0.01);

    assertThat(gauge("backoff.peers.tracked")).as("the next scrape").isEqualTo(2);
    assertThat(gauge("backoff.peers.cooling")).isEqualTo(2);
    table.recordSuccess("b");
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(30);
    assertThat(seconds("backoff.retry.delay.max")).as("read twice").isEqualTo(0.01);
  }

  @Test
  void scrape_walkThatIsOld_isNotUsed() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordRemoteAdvisory("a", Duration.ofSeconds(30));
    assertThat(gauge("backoff.peers.tracked")).isEqualTo(1);

    clock.advance(Duration.ofSeconds(10));
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(20);
    clock.advance(Duration.ofSeconds(-5));
    assertThat(seconds("backoff.retry.delay.mean")).as("the clock ran back").isEqualTo(25);
  }

  @Test
  void monitor_tenOrManyPeers_isTheSameNumberOfMeters() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    for (int i = 0; i < 10; i++) {
      table.recordFailure(i);
    }
    int few = registry.getMeters().size();
    for (int i = 0; i < 100_000; i++) {
      table.recordFailure(i);
    }

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(100_000);
    assertThat(registry.getMeters()).hasSize(few).hasSize(METERS);
  }

  @Test
  void monitor_everyMeter_hasThisNameTagsTypeAndUnit() {
    new BackoffTableMetrics<>(table, "uplink", Tags.of("region", "north"))
        .topPeers(1, peer -> "peer " + peer)
        .bindTo(registry);

    List<String> common = List.of("region=north", "table=uplink");
    assertThat(meters(common)).containsExactlyElementsOf(ALL);

    table.recordFailure("a");
    assertThat(gauge("backoff.peers.cooling")).isEqualTo(1); // a walk, which finds the top peer
    List<String> withTopPeer = new ArrayList<>(ALL);
    withTopPeer.add(TOP_PEER);
    assertThat(meters(common)).containsExactlyInAnyOrderElementsOf(withTopPeer);
  }

  /** Each meter, sorted, without the tags that all have in common. */
  private List<String> meters(List<String> common) {
    return registry.getMeters().stream()
        .map(Meter::getId)
        .map(id -> {
          assertThat(id.getDescription()).as(id.toString()).isNotBlank();
          List<String> words = new ArrayList<>();
          id.getTags().forEach(tag -> words.add(tag.getKey() + "=" + tag.getValue()));
          assertThat(words).containsAll(common);
          words.removeAll(common);
          words.add(0, id.getName());
          String unit = id.getBaseUnit() == null ? "" : ", " + id.getBaseUnit();
          return String.join(" ", words) + ": " + id.getType().name().toLowerCase(Locale.ROOT)
              + unit;
        })
        .sorted()
        .toList();
  }

  @Test
  void scrape_prometheus_familiesHaveTheseNamesAndTypes() {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BackoffTableMetrics<>(table, "uplink", Tags.empty())
        .topPeers(1, peer -> "peer " + peer)
        .bindTo(prometheus);
    table.recordFailure("a");
    prometheus.scrape(); // the top peer is on the next page

    assertThat(prometheus.scrape().lines().filter(line -> line.startsWith("# TYPE ")))
        .extracting(line -> line.substring("# TYPE ".length()))
        .containsExactlyInAnyOrderElementsOf(FAMILIES);
  }

  @Test
  void monitor_everyKindOfEvent_isCounted() {
    ConcurrentBackoffTable<String> small = ConcurrentBackoffTable.builder()
        .maximumPeers(10)
        .probeLease(Duration.ofSeconds(1))
        .nanoTime(clock)
        .build();
    BackoffTableMetrics.monitor(registry, small, "uplink");
    Permit early = small.tryAcquire("a").orElseThrow();
    Permit advised = small.tryAcquire("a").orElseThrow();

    assertThat(early.recordFailure()).isTrue();
    assertThat(advised.recordRemoteAdvisory(Duration.ofMillis(20))).isFalse(); // stale
    assertThat(small.tryAcquire("a")).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(small.tryAcquire("a")).as("a probe that lapses").isPresent();
    clock.advance(Duration.ofSeconds(1));
    small.tryAcquire("a").orElseThrow().close();
    assertThat(small.tryAcquire("a").orElseThrow().recordFailure()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(small.tryAcquire("a").orElseThrow().recordSuccess()).isTrue();
    small.recordRemoteAdvisory("a", Duration.ofHours(1));
    clock.advance(Duration.ofHours(2));
    small.cleanUp();
    for (int i = 0; i < 1_000; i++) {
      small.recordFailure("made-up-" + i);
    }

    BackoffStats stats = small.stats();
    assertThat(count("backoff.outcomes", "outcome", "failure")).isEqualTo(1_002);
    assertThat(count("backoff.outcomes", "outcome", "advisory")).isEqualTo(1);
    assertThat(count("backoff.outcomes", "outcome", "success")).isEqualTo(1);
    assertThat(count("backoff.outcomes", "outcome", "stale")).isEqualTo(1);
    assertThat(count("backoff.advisories.clamped")).isEqualTo(1);
    assertThat(count("backoff.advisories.stale")).isEqualTo(1);
    assertThat(count("backoff.permits", "result", "granted")).isEqualTo(6);
    assertThat(count("backoff.permits", "result", "denied")).isEqualTo(1);
    assertThat(count("backoff.probes.granted")).isEqualTo(4);
    assertThat(count("backoff.probes", "result", "lapsed")).isEqualTo(1);
    assertThat(count("backoff.probes", "result", "released")).isEqualTo(1);
    assertThat(count("backoff.probes", "result", "failed")).isEqualTo(1);
    assertThat(count("backoff.probes", "result", "succeeded")).isEqualTo(1);
    assertThat(count("backoff.evictions", "cause", "idle")).isEqualTo(1);
    assertThat(count("backoff.evictions", "cause", "size"))
        .isEqualTo((double) stats.sizeEvictions())
        .isEqualTo(1_000 - small.size());
  }

  @Test
  void monitor_delaysImposed_areCountedAndSummedBySource() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    table.recordFailure("a");
    table.recordFailure("a");
    table.recordRemoteAdvisory("a", Duration.ofSeconds(7));

    FunctionTimer failures = delays("failure");
    FunctionTimer advisories = delays("advisory");
    assertThat(failures.count()).isEqualTo(2);
    assertThat(failures.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(30);
    assertThat(advisories.count()).isEqualTo(1);
    assertThat(advisories.totalTime(TimeUnit.SECONDS)).isEqualTo(7);
  }

  private FunctionTimer delays(String source) {
    return registry.get("backoff.delays.imposed").tag("source", source).functionTimer();
  }

  private double count(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  @Test
  void monitor_twoTables_areToldApart() {
    ConcurrentBackoffTable<String> other =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    BackoffTableMetrics.monitor(registry, table, "uplink");
    BackoffTableMetrics.monitor(registry, other, "downlink", Tags.empty());
    fillThree();

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(3);
    assertThat(registry
            .get("backoff.peers.tracked")
            .tag("table", "downlink")
            .gauge()
            .value())
        .isZero();
  }

  @Test
  void monitor_resultDropped_metersStay() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
    fillThree();

    WeakReference<Object> garbage = new WeakReference<>(new Object());
    await().until(() -> {
      System.gc();
      return garbage.get() == null;
    });

    assertThat(gauge("backoff.peers.tracked")).isEqualTo(3);
    assertThat(seconds("backoff.retry.delay.max")).isEqualTo(30);
  }

  @Test
  void close_boundToTwoRegistries_removesItsMetersAndLetsGoOfTheTable() {
    MeterRegistry second = new SimpleMeterRegistry();
    WeakReference<ConcurrentBackoffTable<String>> dropped = bindAndClose(registry, second);

    assertThat(registry.getMeters()).isEmpty();
    assertThat(second.getMeters()).isEmpty();
    await().until(() -> {
      System.gc();
      return dropped.get() == null;
    });
  }

  private static WeakReference<ConcurrentBackoffTable<String>> bindAndClose(
      MeterRegistry first, MeterRegistry second) {
    ConcurrentBackoffTable<String> local = ConcurrentBackoffTable.create();
    try (BackoffTableMetrics<?> metrics = BackoffTableMetrics.monitor(first, local, "local")) {
      metrics.bindTo(second);
      assertThat(second.getMeters()).hasSameSizeAs(first.getMeters()).hasSize(METERS);
    }
    return new WeakReference<>(local);
  }

  @Test
  void bindTo_compositeRegistry_servesAllOfThem() {
    SimpleMeterRegistry left = new SimpleMeterRegistry();
    SimpleMeterRegistry right = new SimpleMeterRegistry();
    CompositeMeterRegistry both = new CompositeMeterRegistry();
    both.add(left).add(right);
    BackoffTableMetrics.monitor(both, table, "uplink");
    fillThree();

    for (MeterRegistry one : List.of(left, right)) {
      assertThat(one.get("backoff.peers.tracked").gauge().value()).isEqualTo(3);
      assertThat(one.get("backoff.retry.delay.max").timeGauge().value(TimeUnit.SECONDS))
          .isEqualTo(30);
    }
  }

  @Test
  void scrape_prometheus_isParsedBack() {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    BackoffTableMetrics.monitor(prometheus, table, "uplink", "region", "north");
    fillThree();

    String labels = "{region=\"north\",table=\"uplink\"}";
    String advisory = "{region=\"north\",source=\"advisory\",table=\"uplink\"}";
    assertThat(parsed(prometheus.scrape()))
        .hasSize(METERS + TIMERS)
        .containsAllEntriesOf(Map.of(
            "backoff_delays_imposed_seconds_count" + advisory,
            2.0,
            "backoff_delays_imposed_seconds_sum" + advisory,
            30.0,
            "backoff_retry_delay_cap_seconds" + labels,
            60.0,
            "backoff_peers_tracked" + labels,
            3.0,
            "backoff_peers_cooling" + labels,
            2.0,
            "backoff_retry_delay_max_seconds" + labels,
            30.0,
            "backoff_retry_delay_mean_seconds" + labels,
            15.005));
    assertThat(prometheus.scrape())
        .contains("# HELP backoff_peers_cooling ")
        .contains("# TYPE backoff_retry_delay_max_seconds gauge");

    table.recordSuccess("b");
    assertThat(parsed(prometheus.scrape()))
        .containsEntry("backoff_peers_tracked" + labels, 2.0)
        .containsEntry("backoff_retry_delay_max_seconds" + labels, 0.01);
  }

  private static Map<String, Double> parsed(String page) {
    Map<String, Double> samples = new HashMap<>();
    Matcher sample = Pattern.compile("(?m)^([a-z_]+\\{.*}) (\\S+)$").matcher(page);
    while (sample.find()) {
      samples.put(sample.group(1), Double.valueOf(sample.group(2)));
    }
    return samples;
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without a checker may do
  void monitor_nullArgument_namesItAndRegistersNothing() {
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffTableMetrics.monitor(registry, null, "uplink"))
        .withMessage("table");
    assertThatNullPointerException()
        .isThrownBy(() -> BackoffTableMetrics.monitor(registry, table, null))
        .withMessage("name");
    assertThat(registry.getMeters()).isEmpty();
  }
}
