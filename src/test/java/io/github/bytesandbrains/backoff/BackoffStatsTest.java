package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackoffStatsTest {
  private static final BackoffStats ONE_TO_ELEVEN =
      new BackoffStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  private static final BackoffStats NONE = new BackoffStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  @Test
  void plus_andMinus_areFieldByField() {
    BackoffStats tens = new BackoffStats(10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110);

    assertThat(ONE_TO_ELEVEN.plus(tens))
        .isEqualTo(new BackoffStats(11, 22, 33, 44, 55, 66, 77, 88, 99, 110, 121));
    assertThat(ONE_TO_ELEVEN.plus(tens).minus(tens)).isEqualTo(ONE_TO_ELEVEN);
    assertThat(ONE_TO_ELEVEN.minus(tens)).as("never negative").isEqualTo(NONE);
    assertThat(ONE_TO_ELEVEN.plus(NONE)).isEqualTo(ONE_TO_ELEVEN);
  }

  @Test
  void stats_ofATable_tellOfTheTimeInBetween() {
    FakeClock clock = new FakeClock();
    ConcurrentBackoffTable<String> table =
        ConcurrentBackoffTable.builder().nanoTime(clock).build();
    assertThat(table.stats()).isEqualTo(NONE);
    table.recordFailure("a");
    table.recordFailure("b");
    BackoffStats before = table.stats();

    table.recordFailure("a");
    table.recordRemoteAdvisory("a", Duration.ofMinutes(2));
    table.recordSuccess("a");
    table.recordSuccess("unknown");
    table.shouldRetry("b");

    assertThat(table.stats().minus(before))
        .isEqualTo(new BackoffStats(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0));
  }
}
