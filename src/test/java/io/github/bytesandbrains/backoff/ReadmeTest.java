package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.micrometer.BackoffTableMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The sample of the README, compiled and run. */
final class ReadmeTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> sent = new ArrayList<>();
  private final Map<String, Duration> postponed = new HashMap<>();
  private Reply answer = Reply.ok();

  record Reply(Status status, Duration retryAfter) {
    enum Status {
      OK,
      BUSY,
      FAILED
    }

    static Reply ok() {
      return new Reply(Status.OK, Duration.ZERO);
    }
  }

  private Reply send(String peer) {
    sent.add(peer);
    return answer;
  }

  private void later(String peer, Duration delay) {
    postponed.put(peer, delay);
  }

  // sample
  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30)))
      .build();

  void start() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
  }

  void dispatch(String peer) { // called by any number of threads
    if (!table.shouldRetry(peer)) {
      later(peer, table.remaining(peer));
      return;
    }
    Reply reply = send(peer);
    switch (reply.status()) {
      case OK -> table.recordSuccess(peer);
      case BUSY -> table.recordRemoteAdvisory(peer, reply.retryAfter());
      case FAILED -> table.recordFailure(peer);
    }
  }

  // sample end

  // sample
  void dispatchAsAttempt(String peer) {
    Attempt attempt = table.tryAcquire(peer).orElse(null);
    if (attempt == null) {
      later(peer, table.remaining(peer));
      return;
    }
    try (attempt) { // without an outcome: abandoned
      Reply reply = send(peer);
      switch (reply.status()) {
        case OK -> attempt.succeeded();
        case BUSY -> attempt.advised(reply.retryAfter());
        case FAILED -> attempt.failed();
      }
    }
  }

  // sample end

  // sample
  Reply request(String peer) throws Exception {
    return table.call(peer, () -> send(peer)); // throws PeerCoolingException instead of sending
  }

  // sample end

  @Test
  void sample_peerThatIsBusy_isLeftAloneForItsDelay() {
    start();
    dispatch("a");
    answer = new Reply(Reply.Status.BUSY, Duration.ofSeconds(20));
    dispatch("a");
    dispatch("a");
    answer = new Reply(Reply.Status.FAILED, Duration.ZERO);
    dispatch("b");

    assertThat(sent).containsExactly("a", "a", "b");
    assertThat(postponed).containsOnlyKeys("a");
    assertThat(postponed.get("a")).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
    assertThat(table.size()).isEqualTo(2);
    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isEqualTo(2);
  }

  @Test
  void sample_attempts_areToldTheirOutcome() throws Exception {
    answer = new Reply(Reply.Status.BUSY, Duration.ofSeconds(20));
    dispatchAsAttempt("a");
    dispatchAsAttempt("a");
    answer = Reply.ok();
    dispatchAsAttempt("b");

    assertThat(sent).containsExactly("a", "b");
    assertThat(postponed).containsOnlyKeys("a");
    assertThat(table.stats().advisories()).isEqualTo(1);
    assertThat(request("b")).isSameAs(answer);
    assertThatThrownBy(() -> request("a")).isInstanceOf(PeerCoolingException.class);
  }

  @Test
  void sample_readme_isThisCode() throws IOException {
    Path source =
        Path.of("src/test/java", getClass().getName().replace('.', '/').concat(".java"));
    Pattern sample = Pattern.compile("(?s)\n  // sample\n(.*?)\n  // sample end\n");
    String readme = Files.readString(Path.of("README.md"));

    assertThat(sample.matcher(Files.readString(source)).results())
        .hasSize(3)
        .allSatisfy(found -> assertThat(readme)
            .contains("```java\n" + found.group(1).stripTrailing().stripIndent() + "\n```"));
  }
}
