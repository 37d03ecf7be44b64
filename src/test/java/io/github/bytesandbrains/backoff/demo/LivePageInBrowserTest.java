package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page, as a visitor with a browser sees a rehearsal: {@code -Dbrowser=chromium}. Leaves pictures
 * of the outage in {@code target/page}.
 */
@EnabledIfSystemProperty(named = "browser", matches = ".+")
class LivePageInBrowserTest {
  private static final int PEERS = 200;
  private static final Path PICTURES = Path.of("target", "page");

  /** What is to be seen at one moment. */
  private record Seen(
      String run, String phase, double seconds, int unknown, int cooling, int due, int probing) {
    static final String SCRIPT = """
        (() => {
          const count = state => document.querySelectorAll(`[role=gridcell].${state}`).length;
          return {
            run: document.body.dataset.run,
            phase: document.body.dataset.phase,
            seconds: parseFloat(document.getElementById('clock').textContent) || 0,
            unknown: count('unknown'),
            cooling: count('cooling'),
            due: count('due'),
            probing: count('probing'),
          };
        })()""";

    boolean in(String wantedRun, String wantedPhase) {
      return wantedRun.equals(run) && wantedPhase.equals(phase);
    }
  }

  @TempDir
  private Path folder;

  private Browser browser;
  private CompletableFuture<Integer> rehearsal;
  private URI page;

  @BeforeEach
  void begin() throws Exception {
    browser = new Browser(System.getProperty("browser"), folder);
    browser.resize(1280, 800);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    rehearsal = CompletableFuture.supplyAsync(() -> rehearse(out));
    await().until(() -> printed(out).isPresent());
    page = printed(out).orElseThrow();
  }

  @AfterEach
  void end() {
    browser.close();
  }

  @Test
  @Timeout(90)
  void rehearsal_watched_cellsFollowTheOutage() throws Exception {
    browser.open(page);
    assertThat(browser.errors()).isEmpty();
    cellsFollowTheOutage();
    keysMoveThroughTheCells();
    picturesOfTheOutage();
    runWithoutTableKnowsNobody();
    assertThat(rehearsal.get(30, TimeUnit.SECONDS)).isZero();
    awaiting().until(() -> text("now").equals("The rehearsal has ended."));
    assertThat(browser.errors()).isEmpty();
    assertThat(browser.requests())
        .contains(page + "state")
        .allMatch(address -> address.startsWith(page.toString()));
  }

  private void cellsFollowTheOutage() {
    seen(seen -> seen.in("tryAcquire", "calm") && seen.unknown() == PEERS);
    seen(seen -> seen.in("tryAcquire", "outage") && seen.cooling() > PEERS / 20);
    seen(seen -> seen.in("tryAcquire", "outage") && seen.probing() > 0);
    assertThat(text("delays")).containsAnyOf("hung", "refused", "busy", "flapping");
    seen(seen -> seen.in("tryAcquire", "recovery") && seen.unknown() == PEERS);
    assertThat(text("delays")).isEmpty();
  }

  private void keysMoveThroughTheCells() {
    for (int i = 0; i < 10 && !focused().startsWith("Peer"); i++) {
      browser.press("Tab");
    }
    assertThat(focused()).startsWith("Peer 0,");
    press("ArrowRight", "ArrowDown");
    assertThat(focused()).startsWith("Peer 21,").contains("port ", "in the outage ");
    press("End", "ArrowRight", "Home", "ArrowUp", "ArrowLeft");
    assertThat(focused()).startsWith("Peer 19,");
    assertThat(text("detail")).startsWith("Peer 19,");
    browser.press("Tab");
    assertThat(focused()).as("one stop for all cells").doesNotStartWith("Peer");
  }

  private void picturesOfTheOutage() throws Exception {
    Files.createDirectories(PICTURES);
    double late = 4.4; // of 9 s, of which the outage is 2 to 5.8
    seen(seen -> seen.in("shouldRetry", "outage") && seen.seconds() > late && seen.cooling() > 0);
    browser.evaluate("document.getElementById('pause').click()");
    Seen paused = seen();
    for (String scheme : new String[] {"dark", "light"}) {
      browser.prefer("prefers-color-scheme", scheme);
      picture(scheme, 400, 1700);
      picture(scheme, 1280, 800);
    }
    assertThat(seen()).isEqualTo(paused);
    browser.evaluate("document.getElementById('pause').click()");
  }

  private void runWithoutTableKnowsNobody() {
    seen(seen -> seen.in("without table", "outage") && seen.unknown() == PEERS);
    assertThat(text("detail")).contains("no table");
  }

  private void picture(String scheme, int width, int height) throws Exception {
    browser.resize(width, height);
    awaiting().until(() -> number("innerWidth") == width);
    assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
    browser.screenshot(PICTURES.resolve("outage-" + scheme + "-" + width + ".png"));
  }

  private static int rehearse(ByteArrayOutputStream out) {
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    try {
      return Rehearsal.run(print, print, "--peers", String.valueOf(PEERS), "--seconds", "30");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<URI> printed(ByteArrayOutputStream out) {
    return Pattern.compile("^page: (\\S+)$", Pattern.MULTILINE)
        .matcher(out.toString(StandardCharsets.UTF_8))
        .results()
        .map(MatchResult::group)
        .map(line -> URI.create(line.substring("page: ".length())))
        .findFirst();
  }

  private static ConditionFactory awaiting() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
  }

  private void seen(Predicate<Seen> expected) {
    awaiting().until(this::seen, expected);
  }

  private Seen seen() {
    return new Gson().fromJson(browser.evaluate(Seen.SCRIPT), Seen.class);
  }

  private void press(String... keys) {
    for (String key : keys) {
      browser.press(key);
    }
  }

  private String focused() {
    JsonElement name = browser.evaluate("document.activeElement.ariaLabel ?? ''");
    return name.getAsString();
  }

  private String text(String id) {
    return browser.evaluate("document.getElementById('" + id + "').textContent").getAsString();
  }

  private int number(String expression) {
    return browser.evaluate(expression).getAsInt();
  }
}
