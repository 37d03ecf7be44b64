package io.github.bytesandbrains.backoff.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random values in every header that is read: none makes the client throw, and none postpones a
 * peer beyond {@code maxAdvisory}. {@code -Dhttp.seed=…} repeats a run.
 */
final class HttpFuzzTest {
  private static final int RESPONSES = 100_000;
  private static final List<String> NAMES = List.of(
      "Retry-After",
      "retry-after-ms",
      "x-ms-retry-after-ms",
      "Date",
      "Age",
      "RateLimit",
      "X-RateLimit-Remaining",
      "X-RateLimit-Reset",
      "RateLimit-Remaining",
      "RateLimit-Reset");
  private static final int[] STATUSES = {200, 403, 404, 407, 429, 500, 502, 503, 529};
  private static final List<String> SAMPLES = List.of(
      "Fri, 06 Nov 2026 08:50:07 GMT",
      "Friday, 06-Nov-26 08:50:07 GMT",
      "Fri Nov  6 08:50:07 2026",
      "\"default\";r=0;t=30",
      "\"a\";r=0;t=1, b;r=0;t=9;pk=:YQ==:",
      "0",
      "1",
      "30",
      "1793955007",
      "1793955007000",
      "-1",
      "1.5",
      "",
      " ");

  private HttpHeaders headers = HttpHeaders.of(Map.of(), (name, value) -> true);
  private int status;

  private final HttpClient stub = new StubHttpClient() {
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
      Stub<T> response = new Stub<>(request, status, headers);
      handler.apply(response);
      return response;
    }
  };

  @Test
  @Tag("random")
  void send_randomHeaders_neitherThrowsNorPostponesBeyondTheBound() throws Exception {
    long seed = Long.getLong("http.seed", ThreadLocalRandom.current().nextLong());
    RandomGenerator random = new SplittableRandom(seed);
    Origins origins = new Origins();
    HttpClient client = BackoffHttpClient.builder(
            stub, origins.table, request -> BackoffHttpClient.origin(request.uri()))
        .postponeExhausted(true)
        .wallClock(InstantSource.fixed(Instant.parse("2026-11-06T08:49:37Z")))
        .build();
    URI uri = URI.create("http://127.0.0.1:1/");
    String peer = BackoffHttpClient.origin(uri);
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < RESPONSES; i++) {
      randomResponse(random);
      try {
        client.send(request, BodyHandlers.discarding());
        count(counts);
        assertThat(origins.table.remaining(peer)).isLessThanOrEqualTo(Origins.MAX_ADVISORY);
      } catch (Throwable thrown) {
        throw new AssertionError(
            "seed " + seed + ", response " + i + ": " + status + " " + headers.map(), thrown);
      }
      origins.table.forget(peer);
    }

    System.out.println("fuzz, seed " + seed + ": of " + RESPONSES + " responses " + counts);
    assertThat(counts.get("retryAfter")).isGreaterThan(RESPONSES / 100);
    assertThat(counts.get("exhaustedLimit")).isGreaterThan(RESPONSES / 1_000);
    assertThat(counts.get("none")).isGreaterThan(RESPONSES / 100);
  }

  private void count(Map<String, Integer> counts) {
    Instant now = Instant.parse("2026-11-06T08:49:37Z");
    boolean retryAfter = RetryHints.retryAfter(headers, now).isPresent();
    boolean exhausted = RetryHints.exhaustedLimit(headers, now).isPresent();
    Duration delay = RetryHints.delay(headers, now).orElse(null);
    assertThat(delay != null).isEqualTo(retryAfter || exhausted);
    assertThat(delay == null || !delay.isNegative()).isTrue();
    Stream.of(
            retryAfter ? "retryAfter" : "",
            exhausted ? "exhaustedLimit" : "",
            delay == null ? "none" : "",
            delay != null && delay.isZero() ? "elapsed" : "",
            delay != null && delay.compareTo(Origins.MAX_ADVISORY) > 0 ? "beyond the bound" : "")
        .filter(name -> !name.isEmpty())
        .forEach(name -> counts.merge(name, 1, Integer::sum));
  }

  private void randomResponse(RandomGenerator random) {
    status = STATUSES[random.nextInt(STATUSES.length)];
    Map<String, List<String>> map = new TreeMap<>();
    for (int n = random.nextInt(1, 5); n > 0; n--) {
      List<String> values =
          random.nextInt(8) == 0 ? List.of(value(random), value(random)) : List.of(value(random));
      map.put(NAMES.get(random.nextInt(NAMES.size())), values);
    }
    headers = HttpHeaders.of(map, (name, value) -> true);
  }

  private static String value(RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0 -> SAMPLES.get(random.nextInt(SAMPLES.size()));
      case 1 -> Long.toString(random.nextLong() >>> random.nextInt(64));
      case 2 -> "9".repeat(random.nextInt(random.nextInt(8) == 0 ? 2_000 : 30));
      case 3 -> mutated(random, SAMPLES.get(random.nextInt(SAMPLES.size())));
      default -> text(random, random.nextInt(40));
    };
  }

  private static String mutated(RandomGenerator random, String sample) {
    StringBuilder text = new StringBuilder(sample);
    for (int n = random.nextInt(1, 4); n > 0; n--) {
      int at = random.nextInt(text.length() + 1);
      text.insert(at, text(random, 1));
      if (random.nextBoolean() && at + 1 < text.length()) {
        text.deleteCharAt(at + 1);
      }
    }
    return text.toString();
  }

  private static String text(RandomGenerator random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(
          (char) (random.nextInt(20) == 0 ? random.nextInt(0x10000) : random.nextInt(32, 127)));
    }
    return text.toString();
  }
}
