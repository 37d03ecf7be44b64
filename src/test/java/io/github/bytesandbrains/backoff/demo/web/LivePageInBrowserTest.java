package io.github.bytesandbrains.backoff.demo.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.Gson;
import io.github.bytesandbrains.backoff.demo.Rehearsal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * The page of a rehearsal in headless Chromium: {@code -Dbrowser=/usr/bin/chromium
 * -Dwebdriver.chrome.driver=/usr/bin/chromedriver}. Leaves pictures of the outage in {@code
 * target/page}.
 */
@EnabledIfSystemProperty(named = "browser", matches = ".+")
class LivePageInBrowserTest {
  private static final int PEERS = 200;
  private static final int FLEET_CELLS = 400;
  private static final Path PICTURES = Path.of("target", "page");

  /** What the page shows at one moment. */
  private record Seen(
      String run,
      String phase,
      double seconds,
      int untracked,
      int cooling,
      int adopted,
      int due,
      int probing) {
    static final String SCRIPT = """
        const count = state => document.querySelectorAll(`[role=gridcell].${state}`).length;
        return JSON.stringify({
          run: document.body.dataset.run,
          phase: document.body.dataset.phase,
          seconds: parseFloat(document.getElementById('clock').textContent) || 0,
          untracked: count('untracked'),
          cooling: count('cooling'),
          adopted: count('adopted'),
          due: count('due'),
          probing: count('probing'),
        });""";

    boolean in(String wantedRun, String wantedPhase) {
      return wantedRun.equals(run) && wantedPhase.equals(phase);
    }
  }

  private final StringWriter out = new StringWriter();
  private final ChromeDriver browser = new ChromeDriver(options());

  private static ChromeOptions options() {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(System.getProperty("browser"));
    options.setCapability("goog:loggingPrefs", logs);
    // In a container there is no sandbox, and little shared memory.
    return options.addArguments(
        "--headless", "--hide-scrollbars", "--no-sandbox", "--disable-dev-shm-usage");
  }

  @AfterEach
  void quit() {
    browser.quit();
  }

  @Test
  @Timeout(90)
  void rehearsal_watched_cellsFollowTheOutage() throws Exception {
    CompletableFuture<Integer> rehearsal =
        start("--peers", String.valueOf(PEERS), "--seconds", "30");
    String page = openPage();
    cellsFollowTheOutage();
    keysMoveThroughTheCells();
    picturesOfTheOutage();
    runWithoutTableTracksNobody();
    endsWithoutComplaints(rehearsal, page);
  }

  @Test
  @Timeout(90)
  void fleet_watched_cellsShowWhatNodesAdopt() throws Exception {
    CompletableFuture<Integer> rehearsal = start("fleet", "--seconds", "30");
    String page = openPage();
    seen(seen -> seen.in("with sharing", "outage") && seen.adopted() > FLEET_CELLS / 10);
    press(Keys.TAB, Keys.TAB, Keys.TAB);
    assertThat(focused()).startsWith("Node 0, peer 0, port ");
    pictures("fleet", 1100);
    seen(seen -> seen.in("with sharing", "outage without Redis")
        && seen.adopted() == 0
        && seen.cooling() > FLEET_CELLS / 10);
    seen(seen -> seen.in("with sharing", "outage again") && seen.adopted() > FLEET_CELLS / 10);
    seen(seen -> seen.in("without sharing", "outage") && seen.cooling() > FLEET_CELLS / 10);
    endsWithoutComplaints(rehearsal, page);
    assertThat(text("results"))
        .containsPattern("sends to dead peers, Redis up[1-9][0-9,]*")
        .doesNotContain("Redis back-");
    assertThat(text("grid")).contains("node 19");
  }

  private CompletableFuture<Integer> start(String... args) {
    return CompletableFuture.supplyAsync(
        () -> Rehearsal.commandLine().setOut(new PrintWriter(out, true)).execute(args));
  }

  private String openPage() {
    resize(1280, 800);
    Pattern line = Pattern.compile("^page: (\\S+)$", Pattern.MULTILINE);
    String page =
        await().until(() -> line.matcher(out.toString()), Matcher::find).group(1);
    browser.get(page);
    return page;
  }

  private void endsWithoutComplaints(CompletableFuture<Integer> rehearsal, String page)
      throws Exception {
    awaiting().until(() -> text("now").equals("The rehearsal has ended."));
    assertThat(rehearsal.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).isEmpty();
    assertThat(requests()).contains(page + "state").allMatch(url -> url.startsWith(page));
  }

  private void cellsFollowTheOutage() {
    seen(seen -> seen.in("tryAcquire", "calm") && seen.untracked() == PEERS);
    seen(seen -> seen.in("tryAcquire", "outage") && seen.cooling() > PEERS / 20);
    seen(seen -> seen.in("tryAcquire", "outage") && seen.probing() > 0);
    assertThat(text("delays")).containsAnyOf("hung", "refused", "busy", "flapping");
    seen(seen -> seen.in("tryAcquire", "recovery") && seen.untracked() == PEERS);
    assertThat(text("delays")).isEmpty();
  }

  private void keysMoveThroughTheCells() {
    for (int i = 0; i < 10 && !focused().startsWith("Peer"); i++) {
      press(Keys.TAB);
    }
    assertThat(focused()).startsWith("Peer 0,");
    press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN);
    assertThat(focused()).startsWith("Peer 21,").contains("port ", "in the outage ");
    press(Keys.END, Keys.ARROW_RIGHT, Keys.HOME, Keys.ARROW_UP, Keys.ARROW_LEFT);
    assertThat(focused()).startsWith("Peer 19,");
    assertThat(text("detail")).startsWith("Peer 19,");
    press(Keys.TAB);
    assertThat(focused()).as("one stop for all cells").doesNotStartWith("Peer");
  }

  private void picturesOfTheOutage() throws Exception {
    double late = 4.4; // of 9 s, where the outage is from 2 to 5.8
    seen(seen -> seen.in("shouldRetry", "outage") && seen.seconds() > late && seen.cooling() > 0);
    pictures("outage", 800);
  }

  /** Pauses the page for pictures, which have this height if they are wide. */
  private void pictures(String name, int height) throws Exception {
    Files.createDirectories(PICTURES);
    browser.findElement(By.id("pause")).click();
    Seen paused = seen();
    for (String scheme : List.of("dark", "light")) {
      Map<String, String> preference = Map.of("name", "prefers-color-scheme", "value", scheme);
      browser.executeCdpCommand(
          "Emulation.setEmulatedMedia", Map.of("features", List.of(preference)));
      picture(name + "-" + scheme, 400, 1700);
      picture(name + "-" + scheme, 1280, height);
    }
    assertThat(seen()).isEqualTo(paused);
    browser.findElement(By.id("pause")).click();
  }

  private void runWithoutTableTracksNobody() {
    seen(seen -> seen.in("without table", "outage") && seen.untracked() == PEERS);
    assertThat(text("detail")).contains("no table");
  }

  private void picture(String name, int width, int height) throws Exception {
    resize(width, height);
    awaiting().until(() -> evaluate("return innerWidth").equals((long) width));
    assertThat((Long) evaluate("return document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(width);
    Files.write(
        PICTURES.resolve(name + "-" + width + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }

  private void resize(int width, int height) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  private void press(CharSequence... keys) {
    new Actions(browser).sendKeys(keys).perform();
  }

  private static ConditionFactory awaiting() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
  }

  private void seen(Predicate<Seen> expected) {
    awaiting().until(this::seen, expected);
  }

  private Seen seen() {
    return new Gson().fromJson((String) evaluate(Seen.SCRIPT), Seen.class);
  }

  private String focused() {
    return (String) evaluate("return document.activeElement.ariaLabel ?? ''");
  }

  private String text(String id) {
    return (String) evaluate("return document.getElementById('" + id + "').textContent");
  }

  @SuppressWarnings("unchecked") // a list of strings in JavaScript is one in Java
  private List<String> requests() {
    return (List<String>)
        evaluate("return performance.getEntriesByType('resource').map(entry => entry.name)");
  }

  private Object evaluate(String script) {
    return requireNonNull(browser.executeScript(script));
  }
}
