package io.github.bytesandbrains.backoff.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fetches {@code /metrics} every half second, as a Prometheus would, and looks at the answers. */
final class Scraper implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5000;
  private static final Pattern TRACKED =
      Pattern.compile("^backoff_peers_tracked\\{[^}]*} [0-9.E]+$", Pattern.MULTILINE);

  private final URI address;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger good = new AtomicInteger();
  private final AtomicReference<@Nullable String> firstFault = new AtomicReference<>();

  Scraper(URI address) {
    this.address = address;
    var unused = thread.scheduleWithFixedDelay(this::scrape, 0, 500, TimeUnit.MILLISECONDS);
  }

  /** How many answers were good. */
  int good() {
    return good.get();
  }

  Optional<String> firstFault() {
    return Optional.ofNullable(firstFault.get());
  }

  private void scrape() {
    try {
      String text = fetch();
      if (!TRACKED.matcher(text).find()) {
        throw new IOException("no backoff_peers_tracked in " + text.length() + " characters");
      }
      good.incrementAndGet();
    } catch (IOException | RuntimeException e) {
      firstFault.compareAndSet(null, address + " did not answer: " + e.getMessage());
    }
  }

  private String fetch() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("status " + status);
      }
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      connection.disconnect();
    }
  }

  /** Lets a scrape that is under way end, and stops. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(3L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        firstFault.compareAndSet(null, address + " did not answer: still waiting");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
