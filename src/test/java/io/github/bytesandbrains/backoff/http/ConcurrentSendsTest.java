package io.github.bytesandbrains.backoff.http;

import static io.github.bytesandbrains.backoff.http.BackoffHttpClientTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.Threads;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("concurrent")
@Timeout(60)
final class ConcurrentSendsTest {
  private static final int SENDS = 64;
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(Version.HTTP_1_1).build();

  private final Origins origins = new Origins();
  private final HttpClient client = BackoffHttpClient.of(JDK, origins.table);

  @Test
  void sendAsync_64InFlightAsThePeerDies_areOneStepAndThenOneProbe() throws Exception {
    try (RawPeer raw = new RawPeer(RawPeer.Connection::untilClosed)) {
      List<CompletableFuture<HttpResponse<Void>>> inFlight = new ArrayList<>();
      for (int i = 0; i < SENDS; i++) {
        inFlight.add(client.sendAsync(get(raw.uri()), BodyHandlers.discarding()));
      }
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(SENDS));
      raw.die();
      await()
          .untilAsserted(
              () -> assertThat(inFlight).allMatch(CompletableFuture::isCompletedExceptionally));

      assertThat(origins.known(raw.uri())).isEqualTo("1 cooling PT1S");
      assertThat(origins.table.stats().failures()).isEqualTo(1);
    }
  }

  @Test
  void sendAsync_64ToAPeerThatIsDue_areOneProbe() throws Exception {
    try (RawPeer raw = new RawPeer(RawPeer.Connection::untilClosed)) {
      origins.makeDue(raw.uri());
      AtomicInteger denied = new AtomicInteger();
      List<CompletableFuture<?>> probes = new ArrayList<>();
      Threads.race(SENDS, thread -> {
        CompletableFuture<HttpResponse<Void>> future =
            client.sendAsync(get(raw.uri()), BodyHandlers.discarding());
        if (future.isCompletedExceptionally()) {
          denied.incrementAndGet();
        } else {
          synchronized (probes) {
            probes.add(future);
          }
        }
      });

      assertThat(denied).hasValue(SENDS - 1);
      assertThat(probes).hasSize(1);
      await().untilAsserted(() -> assertThat(raw.requests).hasValue(1));
      probes.get(0).cancel(true);
    }
  }

  @Test
  void send_64ThreadsAsThePeerDies_areOneStep() throws Exception {
    try (RawPeer raw = new RawPeer(RawPeer.Connection::untilClosed)) {
      AtomicInteger failed = new AtomicInteger();
      Threads.race(SENDS + 1, thread -> {
        if (thread == SENDS) {
          await().untilAsserted(() -> assertThat(raw.requests).hasValue(SENDS));
          raw.die();
          return;
        }
        try {
          client.send(get(raw.uri()), BodyHandlers.discarding());
        } catch (IOException e) {
          failed.incrementAndGet();
        }
      });

      assertThat(failed).hasValue(SENDS);
      assertThat(origins.known(raw.uri())).isEqualTo("1 cooling PT1S");
      origins.clock.advance(Duration.ofSeconds(1));
      assertThat(origins.known(raw.uri())).isEqualTo("1 due");
    }
  }
}
