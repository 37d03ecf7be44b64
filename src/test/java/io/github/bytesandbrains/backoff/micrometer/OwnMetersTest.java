package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Threads;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A name belongs to one table, and closing removes the meters of that table only. */
final class OwnMetersTest {
  private final ConcurrentBackoffTable<String> one = ConcurrentBackoffTable.create();
  private final ConcurrentBackoffTable<String> two = ConcurrentBackoffTable.create();
  private final MeterRegistry registry = new SimpleMeterRegistry();

  OwnMetersTest() {
    one.recordRemoteAdvisory("a", Duration.ofMinutes(1));
    two.recordRemoteAdvisory("a", Duration.ofMinutes(1));
    two.recordRemoteAdvisory("b", Duration.ofMinutes(1));
  }

  private static BackoffTableMetrics<String> monitor(
      MeterRegistry registry, ConcurrentBackoffTable<String> table, String name, String... tags) {
    return BackoffTableMetrics.monitor(registry, table, name, tags);
  }

  private static double tracked(MeterRegistry registry, String... tags) {
    return registry.get("backoff.peers.tracked").tags(tags).gauge().value();
  }

  @Test
  void monitor_nameInUse_isAnErrorAndChangesNothing() {
    monitor(registry, one, "uplink", "region", "north");
    List<Meter> before = registry.getMeters();

    assertThatIllegalStateException()
        .isThrownBy(() -> monitor(registry, two, "uplink", "region", "north"))
        .withMessage("name: uplink (expected: one that is not in use; the registry has"
            + " backoff.peers.tracked[region=north, table=uplink])");

    assertThat(registry.getMeters())
        .usingElementComparator(OwnMetersTest::byIdentity)
        .containsExactlyInAnyOrderElementsOf(before);
    assertThat(tracked(registry)).isEqualTo(1);
    one.recordFailure("c");
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @SuppressWarnings("ReferenceEquality") // an equal meter could be another table's
  private static int byIdentity(Meter left, Meter right) {
    return left == right ? 0 : 1;
  }

  @Test
  void monitor_nameInUseAndCommonTags_isAnError() {
    registry.config().commonTags("application", "app");
    monitor(registry, one, "uplink");

    assertThatIllegalStateException()
        .isThrownBy(() -> monitor(registry, two, "uplink"))
        .withMessageContaining("[application=app, table=uplink]");
    assertThat(tracked(registry)).isEqualTo(1);
  }

  @Test
  void monitor_otherNameOrTags_areToldApart() {
    monitor(registry, one, "uplink");
    monitor(registry, two, "uplink", "region", "north");
    monitor(registry, two, "downlink");

    assertThat(tracked(registry, "table", "downlink")).isEqualTo(2);
    assertThat(tracked(registry, "region", "north")).isEqualTo(2);
    assertThat(Stream.of("uplink", "downlink")
            .mapToInt(name -> registry
                .find("backoff.peers.tracked")
                .tag("table", name)
                .gauges()
                .size()))
        .containsExactly(2, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"backoff.peers.tracked", "backoff.permits", "backoff.evictions"})
  void monitor_oneMeterIsThere_isAnErrorAndChangesNothing(String name) {
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    Meter kept = registry.get(name).meter();
    registry.getMeters().stream().filter(meter -> !meter.equals(kept)).forEach(registry::remove);

    assertThatIllegalStateException()
        .isThrownBy(() -> monitor(registry, two, "uplink"))
        .withMessageContaining("the registry has " + name + "[");

    assertThat(registry.getMeters()).containsExactly(kept);
    metrics.close();
    assertThat(registry.getMeters()).isEmpty();
    monitor(registry, two, "uplink");
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @Test
  void monitor_meterOfAnotherTypeIsThere_changesNothing() {
    Counter other =
        Counter.builder("backoff.probes.granted").tag("table", "uplink").register(registry);

    assertThatIllegalArgumentException().isThrownBy(() -> monitor(registry, one, "uplink"));

    assertThat(registry.getMeters()).containsExactly(other);
  }

  @Test
  void monitor_filterThrows_changesNothing() {
    AtomicBoolean faulty = new AtomicBoolean(true);
    registry.config().meterFilter(MeterFilter.deny(id -> {
      if (faulty.get() && id.getName().equals("backoff.evictions")) {
        throw new IllegalArgumentException("a fault");
      }
      return false;
    }));

    assertThatIllegalArgumentException().isThrownBy(() -> monitor(registry, one, "uplink"));
    assertThat(registry.getMeters()).isEmpty();

    faulty.set(false);
    monitor(registry, two, "uplink");
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @Test
  void bindTo_sameRegistryTwice_isAnErrorAndChangesNothing() {
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    int meters = registry.getMeters().size();

    assertThatIllegalStateException().isThrownBy(() -> metrics.bindTo(registry));

    assertThat(registry.getMeters()).hasSize(meters);
    assertThat(tracked(registry)).isEqualTo(1);
    metrics.close();
    assertThat(registry.getMeters()).isEmpty();
    metrics.bindTo(registry);
    assertThat(tracked(registry)).isEqualTo(1);
  }

  @Test
  void bindTo_metersDenied_isNoError() {
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("backoff"));
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    metrics.bindTo(registry);
    metrics.close();

    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void close_nameIsFreeAgain() {
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    metrics.close();
    monitor(registry, two, "uplink");

    assertThat(tracked(registry)).isEqualTo(2);
    metrics.close();
    assertThat(tracked(registry)).as("closed again").isEqualTo(2);
  }

  @Test
  void close_otherTablesOfTheRegistry_stay() {
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    monitor(registry, two, "downlink");
    Counter other = registry.counter("backoff.other", "table", "uplink");
    int meters = registry.getMeters().size();
    metrics.close();

    assertThat(registry.getMeters()).hasSize((meters - 1) / 2 + 1).contains(other);
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @Test
  void close_registryWasClearedAndNameIsUsedByAnother_theOthersMetersStay() {
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    registry.clear();
    monitor(registry, two, "uplink");
    int meters = registry.getMeters().size();
    metrics.close();

    assertThat(registry.getMeters()).hasSize(meters);
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @Test
  void bindTo_compositeAboveARegistryWithThatName_isAnErrorAndChangesNothing() {
    CompositeMeterRegistry inner = new CompositeMeterRegistry().add(registry);
    CompositeMeterRegistry outer = new CompositeMeterRegistry().add(inner);
    BackoffTableMetrics<String> metrics = monitor(registry, one, "uplink");
    int meters = registry.getMeters().size();

    for (MeterRegistry composite : List.of(inner, outer)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> monitor(composite, two, "uplink"))
          .withMessageContaining("backoff.peers.tracked[table=uplink]");
      assertThat(composite.getMeters()).isEmpty();
    }
    assertThat(registry.getMeters()).hasSize(meters);
    assertThat(tracked(registry)).isEqualTo(1);

    metrics.close();
    monitor(outer, two, "uplink");
    assertThat(tracked(registry)).isEqualTo(2);
    assertThatIllegalStateException().isThrownBy(() -> monitor(registry, one, "uplink"));
    assertThat(tracked(registry)).isEqualTo(2);
  }

  @Test
  @Tag("concurrent")
  void monitor_manyThreadsOneName_oneGetsIt() throws Exception {
    int threads = 4;
    Queue<BackoffTableMetrics<String>> bound = new ConcurrentLinkedQueue<>();
    AtomicInteger refused = new AtomicInteger();

    Threads.race(threads, thread -> {
      try {
        bound.add(monitor(registry, thread % 2 == 0 ? one : two, "uplink"));
      } catch (IllegalStateException e) {
        refused.incrementAndGet();
      }
    });

    assertThat(bound).hasSize(1);
    assertThat(refused).hasValue(threads - 1);
    bound.forEach(BackoffTableMetrics::close);
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  @Tag("concurrent")
  void close_manyThreadsWhileOthersTakeTheName_removesOnlyItsOwn() throws Exception {
    ConcurrentBackoffTable<String> empty = ConcurrentBackoffTable.create();
    BackoffTableMetrics<String> neighbor = monitor(registry, one, "neighbor");
    int meters = registry.getMeters().size();
    AtomicInteger rounds = new AtomicInteger();

    Threads.race(4, thread -> {
      BackoffTableMetrics<String> metrics =
          new BackoffTableMetrics<>(thread % 2 == 0 ? two : empty, "uplink", Tags.empty());
      for (int i = 0; i < 50; i++) {
        try {
          metrics.bindTo(registry);
        } catch (IllegalStateException e) {
          continue; // another has the name
        }
        rounds.incrementAndGet();
        assertThat(registry.find("backoff.peers.tracked").tag("table", "uplink").gauges())
            .singleElement()
            .satisfies(gauge -> assertThat(gauge.value()).isEqualTo(thread % 2 == 0 ? 2 : 0));
        assertThat(registry.getMeters()).hasSize(2 * meters);
        Threads.race(2, ignored -> metrics.close());
      }
    });

    assertThat(rounds).hasPositiveValue();
    assertThat(registry.getMeters()).hasSize(meters);
    assertThat(tracked(registry)).isEqualTo(1);
    neighbor.close();
    assertThat(registry.getMeters()).isEmpty();
  }
}
