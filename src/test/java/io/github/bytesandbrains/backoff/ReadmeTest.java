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

/** The samples of the README, compiled and run. */
final class ReadmeTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> sent = new ArrayList<>();
  private final Map<String, Duration> postponed = new HashMap<>();
  private Reply answer = Reply.ok();
  private boolean refused;

  record Reply(int status, Duration retryAfter) {
    static Reply ok() {
      return new Reply(200, Duration.ZERO);
    }

    static Reply busy() {
      return new Reply(503, Duration.ofSeconds(20));
    }

    boolean isBusy() {
      return status == 503;
    }
  }

  private Reply send(String peer) throws IOException {
    sent.add(peer);
    if (refused) {
      throw new IOException("refused");
    }
    return answer;
  }

  private void later(String peer, Duration delay) {
    postponed.put(peer, delay);
  }

  // sample
  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
      .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
          .withJitter(Jitter.equal()))
      .build();

  void start() {
    BackoffTableMetrics.monitor(registry, table, "uplink");
  }

  void dispatch(String peer) { // called by any number of threads
    Permit permit = table.tryAcquire(peer).orElse(null);
    if (permit == null) {
      later(peer, table.remaining(peer));
      return;
    }
    try {
      Reply reply = send(peer);
      if (reply.isBusy()) {
        permit.recordRemoteAdvisory(reply.retryAfter());
      } else {
        permit.recordSuccess();
      }
    } catch (IOException e) {
      permit.recordFailure();
    } finally {
      permit.close(); // releases it if nothing was recorded
    }
  }

  // sample end

  // sample
  Reply request(String peer) throws Exception { // PeerCoolingException instead of sending
    return table.call(
        peer,
        () -> send(peer),
        reply -> reply.isBusy() ? Outcome.advisory(reply.retryAfter()) : Outcome.success());
  }

  // sample end

  // sample
  void gossip(String peer) throws IOException {
    if (table.shouldRetry(peer)) {
      send(peer);
    }
  }

  // sample end

  @Test
  void sample_busyAndDeadPeers_areLeftAlone() throws IOException {
    start();
    dispatch("a");
    answer = Reply.busy();
    dispatch("a");
    dispatch("a");
    refused = true;
    dispatch("b");
    gossip("b");

    assertThat(sent).containsExactly("a", "a", "b");
    assertThat(postponed).containsOnlyKeys("a");
    assertThat(postponed.get("a")).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
    assertThat(table.stats().failures()).isEqualTo(1);
    assertThat(table.stats().releasedProbes()).isZero();
    assertThat(table.stats().advisories()).isEqualTo(1);
    assertThat(registry.get("backoff.peers.tracked").gauge().value()).isEqualTo(2);
  }

  @Test
  void sample_call_classifiesTheReply() throws Exception {
    assertThat(request("a")).isSameAs(answer);
    answer = Reply.busy();
    assertThat(request("a")).isSameAs(answer);
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
