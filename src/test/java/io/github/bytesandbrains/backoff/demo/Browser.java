package io.github.bytesandbrains.backoff.demo;

import static org.awaitility.Awaitility.await;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium with one page, over its DevTools protocol. Notes errors and requests. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Gson gson = new Gson();
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> asked = new ConcurrentHashMap<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Process process;
  private final WebSocket socket;

  /**
   * Starts it.
   *
   * @param command the name or the path of Chromium
   * @param folder an empty folder, where it may write
   */
  Browser(String command, Path folder) throws Exception {
    ProcessBuilder chromium = new ProcessBuilder(
            command,
            "--headless",
            "--no-sandbox", // in a container there is none
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            "--user-data-dir=" + folder.resolve("profile"),
            "about:blank")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile());
    chromium.environment().put("TMPDIR", folder.toString());
    process = chromium.start();
    try {
      socket = HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(pageAt(folder.resolve("profile/DevToolsActivePort")), new Messages())
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
        call(domain + ".enable", Map.of());
      }
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private URI pageAt(Path portFile) throws IOException {
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(portFile) && Files.readAllLines(portFile).size() > 1);
    URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(portFile).get(0) + "/json/list");
    JsonArray pages = await()
        .atMost(PATIENCE)
        .until(
            () -> JsonParser.parseString(
                    new String(list.toURL().openStream().readAllBytes(), StandardCharsets.UTF_8))
                .getAsJsonArray(),
            found -> !found.isEmpty());
    return URI.create(pages.get(0).getAsJsonObject().get("webSocketDebuggerUrl").getAsString());
  }

  /** Opens a page, and waits until it is loaded. */
  void open(URI page) {
    call("Page.navigate", Map.of("url", page.toString()));
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // as of a document that is just going away
        .until(() -> evaluate("document.readyState + ' ' + location")
            .getAsString()
            .equals("complete " + page));
  }

  /** Returns the value of an expression, as JSON. */
  JsonElement evaluate(String expression) {
    JsonObject answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer);
    }
    return answer.getAsJsonObject("result").get("value");
  }

  /** Presses a key and lets it go. */
  void press(String key) {
    int code = Map.of(
            "Tab",
            9,
            "End",
            35,
            "Home",
            36,
            "ArrowLeft",
            37,
            "ArrowUp",
            38,
            "ArrowRight",
            39,
            "ArrowDown",
            40)
        .getOrDefault(key, 0);
    for (String type : List.of("rawKeyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
    }
  }

  /** Sets the size of the window. */
  void resize(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Sets what the user prefers: {@code prefers-color-scheme}, {@code dark}. */
  void prefer(String feature, String value) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", feature, "value", value))));
  }

  void screenshot(Path png) throws IOException {
    String data =
        call("Page.captureScreenshot", Map.of("format", "png")).get("data").getAsString();
    Files.write(png, Base64.getDecoder().decode(data));
  }

  /** What the console has shown as an error so far. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  /** The addresses of all that was asked for so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private JsonObject call(String method, Map<String, ?> params) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    asked.put(id, answer);
    String message = gson.toJson(Map.of("id", id, "method", method, "params", params));
    socket.sendText(message, true).join();
    return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void received(JsonObject message) {
    if (message.has("id")) {
      CompletableFuture<JsonObject> answer =
          Objects.requireNonNull(asked.remove(message.get("id").getAsInt()));
      if (message.has("error")) {
        answer.completeExceptionally(new IllegalStateException(message.toString()));
      } else {
        answer.complete(message.getAsJsonObject("result"));
      }
      return;
    }
    JsonObject params = message.getAsJsonObject("params");
    switch (message.get("method").getAsString()) {
      case "Runtime.exceptionThrown" -> errors.add(params.toString());
      case "Runtime.consoleAPICalled" -> {
        if (params.get("type").getAsString().equals("error")) {
          errors.add(params.toString());
        }
      }
      case "Log.entryAdded" -> {
        JsonObject entry = params.getAsJsonObject("entry");
        if (entry.get("level").getAsString().equals("error")) {
          errors.add(entry.toString());
        }
      }
      case "Network.requestWillBeSent" ->
        requests.add(params.getAsJsonObject("request").get("url").getAsString());
      default -> {
        // of no interest
      }
    }
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received(JsonParser.parseString(text.toString()).getAsJsonObject());
        text.setLength(0);
      }
      webSocket.request(1);
      return CompletableFuture.completedStage(null);
    }
  }

  /** Ends it, and waits until it has, as its folder may be deleted then. */
  @Override
  public void close() {
    socket.abort();
    process.destroy();
    process
        .onExit()
        .orTimeout(10, TimeUnit.SECONDS)
        .exceptionallyCompose(late -> process.destroyForcibly().onExit())
        .join();
  }
}
