package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.http.JettyPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  void otherHttpClients_everyKindOfResponse_isClassified() {
    assertThat(OtherHttpClients.classify(503, Map.of("retry-after", List.of("120"))))
        .isEqualTo(Outcome.advisory(Duration.ofMinutes(2)));
    assertThat(OtherHttpClients.classify(429, Map.of())).isEqualTo(Outcome.failure());
    assertThat(OtherHttpClients.classify(504, Map.of())).isEqualTo(Outcome.failure());
    assertThat(OtherHttpClients.classify(404, Map.of())).isEqualTo(Outcome.success());
  }
}
