package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.http.BackoffHttpClient;
import io.github.bytesandbrains.backoff.http.BackoffHttpClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** What a table learns of a peer that hangs, from Spring's {@code RestClient}. */
@Tag("spring")
final class RestClientTimeoutTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofDays(1);

  private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
  private ServerSocket hanging;

  @BeforeEach
  void start() throws IOException {
    hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress()); // never accepts
  }

  @AfterEach
  void stop() throws IOException {
    hanging.close();
  }

  private void get(BackoffHttpClientBuilder<String> client, Duration readTimeout) {
    JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client.build());
    factory.setReadTimeout(readTimeout);
    RestClient restClient = RestClient.builder().requestFactory(factory).build();
    URI uri = URI.create("http://localhost:" + hanging.getLocalPort());
    assertThatThrownBy(() -> restClient.get().uri(uri).retrieve().body(String.class))
        .isInstanceOf(ResourceAccessException.class);
  }

  private BackoffHttpClientBuilder<String> client() {
    return BackoffHttpClient.builder(
        HttpClient.newHttpClient(), table, request -> BackoffHttpClient.origin(request.uri()));
  }

  @Test
  void readTimeout_ofTheRequestFactory_isACancellation() {
    get(client(), SHORT);

    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void requestTimeout_ofTheClient_isAFailure() {
    get(client().requestTimeout(SHORT), LONG);

    assertThat(table.stats().failures()).isEqualTo(1);
  }
}
