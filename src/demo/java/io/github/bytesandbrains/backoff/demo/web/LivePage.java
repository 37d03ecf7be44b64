package io.github.bytesandbrains.backoff.demo.web;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The page that shows the rehearsal's progress: its files, and {@code /state}, which it polls. */
public final class LivePage implements HttpHandler {
  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "svg", "image/svg+xml");

  private final Gson gson = new Gson();
  private final String index;
  private final Supplier<?> state;
  private volatile long polledNanos = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

  /**
   * A page.
   *
   * @param index the name of its first file
   * @param state returns what {@code /state} serves as JSON
   */
  public LivePage(String index, Supplier<?> state) {
    this.index = index;
    this.state = state;
  }

  /** Whether somebody has polled the state this recently. */
  public boolean polledWithin(Duration duration) {
    return System.nanoTime() - polledNanos < duration.toNanos();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else if (path.equals("/state")) {
        polledNanos = System.nanoTime();
        byte[] json = gson.toJson(state.get()).getBytes(StandardCharsets.UTF_8);
        answer(exchange, "application/json", json);
      } else {
        file(exchange, path.equals("/") ? "/" + index : path);
      }
    }
  }

  private static void file(HttpExchange exchange, String path) throws IOException {
    String type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    // A name without another slash or dot cannot lead out of the folder.
    boolean valid = type != null && path.matches("/\\w+\\.\\w+");
    try (InputStream file = valid ? LivePage.class.getResourceAsStream("/page" + path) : null) {
      if (file == null || type == null) {
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
    exchange.getResponseBody().write(body);
  }
}
