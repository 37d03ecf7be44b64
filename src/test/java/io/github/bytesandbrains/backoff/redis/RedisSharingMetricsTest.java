package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.micrometer.RedisSharingMetrics;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RedisSharingMetricsTest {
  /** Every meter: name, tags, type and base unit, which are API. */
  private static final List<String> ALL = List.of(
      "backoff.sharing.connected table=uplink: gauge",
      "backoff.sharing.holds result=adopted,table=uplink: counter",
      "backoff.sharing.holds result=lifted,table=uplink: counter",
      "backoff.sharing.lag table=uplink: gauge, seconds",
      "backoff.sharing.reports result=dropped,table=uplink: counter",
      "backoff.sharing.reports result=published,table=uplink: counter",
      "backoff.sharing.reports result=received,table=uplink: counter");

  /** Held, or its level would be forgotten. */
  private static final Logger LOGGER = Logger.getLogger(RedisSharing.class.getPackageName());

  static {
    LOGGER.setLevel(Level.OFF);
  }

  private final FakeLog log = new FakeLog();
  private final RedisClient client = RedisClient.create("redis://localhost:1");
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final RedisSharing<String> sharing = new RedisSharing<>(
      RedisSharing.builder(ConcurrentBackoffTable.<String>create(), client, p -> p, p -> p), log);
  private final RedisSharingMetrics metrics =
      new RedisSharingMetrics(sharing, "uplink", Tags.empty());

  @AfterEach
  void close() {
    sharing.close();
    client.shutdown();
  }

  private static String describe(Meter meter) {
    Meter.Id id = meter.getId();
    return id.getName()
        + id.getTags().stream()
            .map((Tag tag) -> tag.getKey() + "=" + tag.getValue())
            .collect(Collectors.joining(",", " ", ": "))
        + id.getType().toString().toLowerCase(Locale.ROOT)
        + (id.getBaseUnit() == null ? "" : ", " + id.getBaseUnit());
  }

  @Test
  void bindTo_registry_addsEveryMeterThatIsDocumented() {
    metrics.bindTo(registry);

    assertThat(registry.getMeters().stream().map(RedisSharingMetricsTest::describe))
        .containsExactlyInAnyOrderElementsOf(ALL);
    assertThat(registry.getMeters())
        .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotEmpty());
  }

  @Test
  void bindTo_sharingInUse_showsIt() {
    metrics.bindTo(registry);

    await().until(() -> registry.get("backoff.sharing.connected").gauge().value() == 1);
    log.down = true;
    await().until(() -> registry.get("backoff.sharing.connected").gauge().value() == 0);
    await().until(() -> registry.get("backoff.sharing.lag").timeGauge().value() > 0);
    for (Meter meter : registry.getMeters()) {
      assertThat(meter.measure())
          .allSatisfy(sample -> assertThat(sample.getValue()).isNotNaN());
    }
  }

  @Test
  void bindTo_namesThatAreTaken_isAnError() {
    metrics.bindTo(registry);

    assertThatIllegalStateException().isThrownBy(() -> metrics.bindTo(registry));
    new RedisSharingMetrics(sharing, "other", Tags.empty()).bindTo(registry);
    assertThat(registry.getMeters()).hasSize(14);
  }

  @Test
  void close_bound_removesItsMeters() {
    metrics.bindTo(registry);
    RedisSharingMetrics others = new RedisSharingMetrics(sharing, "other", Tags.empty());
    others.bindTo(registry);

    metrics.close();

    assertThat(registry.getMeters())
        .hasSize(7)
        .allMatch(meter -> "other".equals(meter.getId().getTag("table")));
    metrics.bindTo(registry);
  }

  @Test
  void close_compositeOverARegistryOfAnother_leavesTheMetersOfTheOther() {
    metrics.bindTo(registry);
    CompositeMeterRegistry composite = new CompositeMeterRegistry();
    composite.add(registry);
    RedisSharingMetrics second = new RedisSharingMetrics(sharing, "uplink", Tags.empty());

    assertThatIllegalStateException().isThrownBy(() -> second.bindTo(composite));
    second.close();

    assertThat(registry.getMeters()).hasSize(7);
  }
}
