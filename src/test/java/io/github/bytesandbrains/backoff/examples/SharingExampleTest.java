package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisProcess;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharingExampleTest {
  private static final Set<String> PEERS = Set.of("p", "q");

  private static ConcurrentBackoffTable<String> table() {
    return ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(Duration.ofSeconds(20), Duration.ofSeconds(60)))
        .build();
  }

  @Test
  void share_twoMachinesFail_theThirdLeavesThePeerAlone(@TempDir Path dir) {
    ConcurrentBackoffTable<String> first = table();
    ConcurrentBackoffTable<String> second = table();
    ConcurrentBackoffTable<String> third = table();
    MeterRegistry registry = new SimpleMeterRegistry();
    try (RedisProcess redis = new RedisProcess(dir);
        RedisClient client = RedisClient.create(redis.uri());
        var a = new SharingExample(first, PEERS, client, new SimpleMeterRegistry());
        var b = new SharingExample(second, PEERS, client, new SimpleMeterRegistry());
        var c = new SharingExample(third, PEERS, client, registry)) {
      first.recordFailure("p");
      second.recordFailure("p");
      first.recordFailure("stranger");
      second.recordFailure("stranger");

      await().until(() -> !third.shouldRetry("p"));
      await()
          .until(() -> registry
                  .get("backoff.sharing.reports")
                  .tag("result", "dropped")
                  .functionCounter()
                  .count()
              == 2);
      assertThat(third.size()).isEqualTo(1);
      assertThat(Set.of(a, b, c)).hasSize(3);
    }
  }
}
