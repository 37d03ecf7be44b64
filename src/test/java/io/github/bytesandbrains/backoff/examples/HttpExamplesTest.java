package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import io.github.bytesandbrains.backoff.http.JettyPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HttpExamplesTest {
  @Test
  void httpWithRetryAfter_busyServer_isAskedOnceAndTheRestIsPutAside() throws Exception {
    List<Duration> delays = new ArrayList<>();
    HttpWithRetryAfter example = new HttpWithRetryAfter((request, delay) -> delays.add(delay));
    try (JettyPeer peer = new JettyPeer()) {
      assertThat(example.get(peer.uri())).contains("body");

      peer.answer = JettyPeer.status(503, "Retry-After", "120");
      assertThat(example.get(peer.uri())).isEmpty();
      assertThat(delays).isEmpty();
      assertThat(example.get(peer.uri())).isEmpty();

      assertThat(delays)
          .singleElement()
          .satisfies(delay ->
              assertThat(delay).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(120)));
      assertThat(peer.requests).hasValue(2);
    }
  }

  @Test
  void asyncHttpToManyPeers_oneBusyAndOneHanging_returnsTheOthers() throws Exception {
    Duration timeout = Duration.ofSeconds(2);
    AsyncHttpToManyPeers example =
        new AsyncHttpToManyPeers(AsyncHttpToManyPeers.client(timeout), timeout);
    try (JettyPeer well = new JettyPeer();
        JettyPeer busy = new JettyPeer();
        JettyPeer hanging = new JettyPeer()) {
      busy.answer = JettyPeer.status(429, "Retry-After", "20");
      hanging.answer = (request, response, callback) -> {};

      assertThat(example.getAll(List.of(well.uri(), busy.uri(), hanging.uri())).join())
          .containsExactly("body");
      assertThat(example.getAll(List.of(well.uri(), busy.uri(), well.uri())).join())
          .containsExactly("body", "body");
      assertThat(busy.requests).hasValue(1);
    }
  }

  @Test
  void packageDocumentation_quotesTheExample() throws Exception {
    String example = Files.readString(Path.of(
        "src/examples/java", HttpWithRetryAfter.class.getName().replace('.', '/') + ".java"));
    String quoted = example.substring(
        example.indexOf("// quoted\n") + "// quoted\n".length(), example.indexOf("  // end"));
    String documentation = Files.readString(Path.of(
        "src/main/java",
        BackoffHttpClient.class.getPackageName().replace('.', '/'),
        "package-info.java"));

    String expected = quoted
        .indent(-2)
        .stripTrailing()
        .indent(1)
        .replaceAll("(?m)^", " *")
        .replaceAll("(?m) +$", "");
    assertThat(documentation).contains(expected.substring(0, expected.lastIndexOf('}') + 1));
  }
}
