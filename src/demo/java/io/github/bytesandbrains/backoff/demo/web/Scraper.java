package io.github.bytesandbrains.backoff.demo.web;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fetches {@code /metrics} every half second, as Prometheus would, and checks the answers. */
public final class Scraper implements AutoCloseable {
  private static final Pattern TRACKED =
      Pattern.compile("^backoff_peers_tracked\\{[^}]*} [0-9.E]+$", Pattern.MULTILINE);

  private final HttpRequest request;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger good = new AtomicInteger();
  private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();

  public Scraper(URI metrics) {
    request = HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(5)).build();
    var unused = thread.scheduleWithFixedDelay(this::scrape, 0, 500, TimeUnit.MILLISECONDS);
  }

  /** How many answers were good. */
  public int good() {
    return good.get();
  }

  public Optional<String> firstFault() {
    return Optional.ofNullable(firstFault.get());
  }

  private void scrape() {
    try {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200 || !TRACKED.matcher(answer.body()).find()) {
        throw new IOException("status " + answer.statusCode() + ", "
            + answer.body().length() + " characters without a count of tracked peers");
      }
      good.incrementAndGet();
    } catch (IOException | RuntimeException e) {
      firstFault.compareAndSet(null, request.uri() + " failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops; a scrape in progress is abandoned. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
