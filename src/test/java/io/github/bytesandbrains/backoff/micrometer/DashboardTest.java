package io.github.bytesandbrains.backoff.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators copy names the meters that there are; a real Prometheus reads it in the CI. */
final class DashboardTest {
  private static final Pattern SERIES = Pattern.compile("\\bbackoff_[a-z_]+");
  private static final Pattern METER = Pattern.compile("(?<=`)backoff\\.[a-z.]+(?=`)");

  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
  private final RedisClient client = RedisClient.create("redis://localhost:1");
  private final RedisSharing<String> sharing =
      RedisSharing.builder(table, client, p -> p, p -> p).start();

  DashboardTest() {
    new BackoffTableMetrics<>(table, "uplink", Tags.empty())
        .topPeers(1, peer -> peer)
        .bindTo(prometheus);
    new RedisSharingMetrics(sharing, "uplink", Tags.empty()).bindTo(prometheus);
    table.recordRemoteAdvisory("a", Duration.ofHours(1));
    prometheus.scrape(); // the top peers are on the next page
  }

  @AfterEach
  void close() {
    sharing.close();
    client.shutdown();
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts.yml", "alerts-test.yml", "dashboard.json", "metrics.md"})
  void series_ofWhatOperatorsCopy_areOnThePage(String file) throws IOException {
    String page = prometheus.scrape().replaceAll("(?m)^#.*$", "");

    assertThat(found(SERIES, Files.readString(Path.of("src/docs", file))))
        .isNotEmpty()
        .isSubsetOf(found(SERIES, page));
  }

  @Test
  void documents_meters_areThoseThatThereAre() throws IOException {
    Set<String> meters = new TreeSet<>();
    prometheus.getMeters().forEach(meter -> meters.add(meter.getId().getName()));

    assertThat(found(METER, Files.readString(Path.of("src/docs/metrics.md")))).isEqualTo(meters);
    assertThat(found(METER, Files.readString(Path.of("README.md"))))
        .isNotEmpty()
        .isSubsetOf(meters);
  }
}
