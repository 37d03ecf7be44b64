package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Replays recorded calls of the original, single-threaded table and compares the answers. */
final class SeedVectorsTest {
  /** Which of the two forms of an operation to call. */
  enum Form {
    EXPLICIT_TIME,
    TABLE_CLOCK
  }

  private final FakeClock clock = new FakeClock();
  private ConcurrentBackoffTable<Integer> table = ConcurrentBackoffTable.create();

  @ParameterizedTest
  @EnumSource
  void replay_everyLine_answersAsTheOriginal(Form form) throws IOException {
    List<String> lines = lines("/vectors/seed-vectors.csv");

    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comma = line.indexOf(',');
      String operation = line.substring(0, comma);
      assertThat(replay(form, operation, line.substring(comma + 1)))
          .as("line %d: %s", i + 1, line)
          .isEqualTo(expected(operation, line));
    }

    assertThat(lines).hasSize(7_302);
  }

  /** The number of leading fields that are arguments. The answer follows them. */
  private static int arguments(String operation) {
    return switch (operation) {
      case "size" -> 1;
      case "success", "state" -> 2;
      case "fail", "retry" -> 3;
      case "advise" -> 4;
      default -> 0;
    };
  }

  private static String expected(String operation, String line) {
    return switch (operation) {
      case "table", "restore" -> "";
      case "iter" -> line.substring("iter,".length());
      default -> line.split(",", arguments(operation) + 1)[arguments(operation)];
    };
  }

  private String replay(Form form, String operation, String rest) {
    String[] fields = rest.split(",");
    switch (operation) {
      case "table" -> {
        table = ConcurrentBackoffTable.builder()
            .schedule(BackoffSchedule.exponential(
                Duration.ofNanos(number(fields[0])), Duration.ofNanos(number(fields[1]))))
            .idleTimeout(Duration.ofNanos(Long.MAX_VALUE))
            .nanoTime(clock)
            .build();
        return "";
      }
      case "size" -> {
        return table.size() + "," + table.isEmpty();
      }
      case "iter" -> {
        return iterate();
      }
      default -> {
        return replay(form, operation, Integer.parseInt(fields[0]), fields);
      }
    }
  }

  private String replay(Form form, String operation, Integer peer, String[] fields) {
    boolean explicit = form == Form.EXPLICIT_TIME;
    switch (operation) {
      case "fail" -> {
        long now = now(fields[1]);
        BackoffState state = explicit ? table.recordFailure(peer, now) : table.recordFailure(peer);
        assertThat(table.state(peer)).contains(state);
        return text(state);
      }
      case "advise" -> {
        long now = now(fields[1]);
        long minBackoff = number(fields[2]);
        BackoffState state = explicit
            ? table.recordRemoteAdvisory(peer, now, minBackoff)
            : table.recordRemoteAdvisory(peer, Duration.ofNanos(minBackoff));
        assertThat(table.state(peer)).contains(state);
        return text(state);
      }
      case "success" -> {
        boolean tracked = table.state(peer).isPresent();
        assertThat(table.recordSuccess(peer)).isEqualTo(tracked);
        return state(peer);
      }
      case "retry" -> {
        long now = now(fields[1]);
        boolean may = explicit ? table.shouldRetry(peer, now) : table.shouldRetry(peer);
        boolean none =
            explicit ? table.remaining(peer, now) == 0 : table.remaining(peer).isZero();
        assertThat(none).isEqualTo(may);
        return String.valueOf(may);
      }
      case "state" -> {
        return state(peer);
      }
      case "restore" -> {
        table.restoreState(
            peer,
            new BackoffState(Integer.parseInt(fields[1]), number(fields[2]), number(fields[3])));
        return "";
      }
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private String iterate() {
    Map<Integer, BackoffState> seen = new TreeMap<>();
    table.forEach(seen::put);
    assertThat(table.snapshot()).isEqualTo(seen);
    return seen.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + text(entry.getValue()).replace(',', ':'))
        .collect(Collectors.joining(";"));
  }

  private long now(String field) {
    clock.set(number(field));
    return clock.getAsLong();
  }

  private String state(Integer peer) {
    return table.state(peer).map(SeedVectorsTest::text).orElse("-");
  }

  private static String text(BackoffState state) {
    return state.attempts() + "," + state.lastAttemptNanos() + "," + state.nextRetryNanos();
  }

  private static long number(String field) {
    return Long.parseLong(field);
  }

  private static List<String> lines(String resource) throws IOException {
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(
        SeedVectorsTest.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }
}
