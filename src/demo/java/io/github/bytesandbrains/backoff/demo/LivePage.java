package io.github.bytesandbrains.backoff.demo;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The page that shows how the rehearsal goes: its files, and {@code /state} that it asks for. */
final class LivePage implements HttpHandler {
  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "svg", "image/svg+xml");

  private final Gson gson = new Gson();
  private final Supplier<LiveState> state;
  private final long patienceNanos;
  private volatile long askedNanos;
  private volatile CountDownLatch answered = new CountDownLatch(1);

  /**
   * Creates the page.
   *
   * @param patience longer than a visitor waits between two questions
   */
  LivePage(Supplier<LiveState> state, Duration patience) {
    this.state = state;
    patienceNanos = patience.toNanos();
    askedNanos = System.nanoTime() - patienceNanos;
  }

  /**
   * Lets a visitor have the last state: if one asked just now, waits until it has asked again.
   *
   * @return whether a visitor has it
   */
  boolean bidFarewell() throws InterruptedException {
    CountDownLatch again = new CountDownLatch(1);
    answered = again;
    return System.nanoTime() - askedNanos < patienceNanos
        && again.await(patienceNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else if (path.equals("/state")) {
        askedNanos = System.nanoTime();
        CountDownLatch before = answered; // an answer that was made before it does not count
        byte[] json = gson.toJson(state.get()).getBytes(StandardCharsets.UTF_8);
        answer(exchange, "application/json", json);
        before.countDown();
      } else {
        file(exchange, path.equals("/") ? "/index.html" : path);
      }
    }
  }

  private static void file(HttpExchange exchange, String path) throws IOException {
    String type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    // A name without a further slash or dots: there is no way out of the folder.
    if (type == null || !path.matches("/\\w+\\.\\w+")) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    try (InputStream file = LivePage.class.getResourceAsStream("/page" + path)) {
      if (file == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        answer(exchange, type, file.readAllBytes());
      }
    }
  }

  private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Content-Security-Policy", "default-src 'self'");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
