package io.github.bytesandbrains.backoff.demo.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.demo.Options;
import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.Run;
import io.github.bytesandbrains.backoff.demo.Variant;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the live page is made of, over real HTTP; how it looks is tested in a browser. */
class LivePageTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Options options = new Options();
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(clock).build();
  private Fleet fleet;
  private Run run;
  private LivePage page;
  private WebServer server;

  @BeforeEach
  void serve() throws IOException {
    fleet = new Fleet(200, 0, Protocol.LONG);
    run = new Run(Variant.shouldRetry(table), fleet, options);
    List<Run> runs = List.of(run, new Run(Variant.WITHOUT_TABLE, fleet, options));
    LiveState.Plan plan = LiveState.Plan.of(options, fleet.peers());
    page = new LivePage("index.html", () -> LiveState.of(plan, runs));
    server = new WebServer(0, page);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    fleet.close();
  }

  @ParameterizedTest
  @CsvSource({
    "'',         text/html; charset=utf-8",
    "style.css,  text/css; charset=utf-8",
    "main.js,    text/javascript; charset=utf-8",
    "icon.svg,   image/svg+xml",
    "state,      application/json"
  })
  void handle_partOfThePage_itsTypeAndNothingFromOutside(String path, String type)
      throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isNotBlank();
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(answer.headers().firstValue("Content-Security-Policy"))
        .hasValue("default-src 'self'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing.js", "page", "index.txt", "%2e%2e/page/main.js", "x/main.js"})
  void handle_otherPath_404(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void handle_otherMethod_405() throws Exception {
    HttpRequest post = HttpRequest.newBuilder(server.page().resolve("state"))
        .POST(BodyPublishers.noBody())
        .build();
    HttpResponse<Void> answer = client.send(post, BodyHandlers.discarding());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
  }

  @Test
  void state_plan_lengthsAndPeers() throws Exception {
    assertThat(page.polledWithin(DAY.dividedBy(48))).isFalse();
    JsonObject plan = state().getAsJsonObject("plan");
    assertThat(page.polledWithin(DAY)).isTrue();
    assertThat(plan.get("runSeconds").getAsDouble()).isEqualTo(9);
    assertThat(plan.get("longestDelaySeconds").getAsDouble()).isEqualTo(1.05);
    assertThat(plan.get("phaseSeconds"))
        .hasToString("{\"calm\":1.98,\"outage\":3.87,\"recovery\":3.15}");
    JsonArray peers = plan.getAsJsonArray("peers");
    assertThat(peers).hasSize(200);
    assertThat(peers.get(7).getAsJsonObject().get("port").getAsInt())
        .isEqualTo(fleet.peers().get(7).address().getPort());
    assertThat(peers.toString()).contains("\"hung\"", "\"serving\"");
  }

  @Test
  void state_runs_phaseMeansAndSeries() throws Exception {
    assertThat(run(0).has("phase")).isFalse();
    assertThat(run(0).get("elapsedSeconds").getAsDouble()).isZero();
    served(); // in the warm-up
    run.measurements().begin(Phase.CALM);
    served();
    run.measurements().begin(Phase.OUTAGE);
    assertThat(run(0).get("phase").getAsString()).isEqualTo("outage");
    assertThat(run(0).getAsJsonObject("mean").keySet()).containsExactlyInAnyOrder("calm", "outage");
    run.measurements().begin(null);
    served(); // by a worker that has not ended yet
    assertThat(run.measurements().series().perSecond(DAY).stream()
            .mapToLong(rate -> rate)
            .sum())
        .isEqualTo(6); // one in a slice of 180 ms
    assertThat(run(0).has("phase")).isFalse();
    assertThat(run(1).get("name").getAsString()).isEqualTo("without table");
    assertThat(run(1).has("tracked")).isFalse();
  }

  @Test
  void state_trackedPeers_coolingDueAndProbed() throws Exception {
    table.recordRemoteAdvisory(fleet.peers().get(0), Duration.ofNanos(1_000_001));
    table.recordRemoteAdvisory(fleet.peers().get(1), Duration.ZERO);
    table.recordRemoteAdvisory(fleet.peers().get(2), Duration.ZERO);
    Admission probe = admit(2);
    Admission other = admit(2);
    assertThat(tracked())
        .containsExactlyInAnyOrder(seen(0, 1, 2, 0), seen(1, 1, 0, 0), seen(2, 1, 0, 2));
    probe.record(SendResult.busy(Duration.ofMillis(5)));
    probe.close();
    other.close();
    clock.advance(Duration.ofMillis(2));
    assertThat(tracked())
        .containsExactlyInAnyOrder(seen(0, 1, 0, 0), seen(1, 1, 0, 0), seen(2, 2, 3, 0));
  }

  private Admission admit(int number) {
    return requireNonNull(
        run.variant().policy().admit(fleet.peers().get(number), clock.getAsLong()));
  }

  private void served() {
    run.measurements().sent(fleet.peers().get(0), SendResult.SERVED, System.nanoTime());
  }

  private static String seen(int peer, int attempts, int remainingMillis, int probes) {
    return "{\"peer\":" + peer + ",\"attempts\":" + attempts + ",\"remainingMillis\":"
        + remainingMillis + ",\"probes\":" + probes + "}";
  }

  private List<String> tracked() throws Exception {
    return run(0).getAsJsonArray("tracked").asList().stream()
        .map(JsonElement::toString)
        .toList();
  }

  private JsonObject run(int number) throws Exception {
    return state().getAsJsonArray("runs").get(number).getAsJsonObject();
  }

  private JsonObject state() throws Exception {
    return JsonParser.parseString(get("state").body()).getAsJsonObject();
  }

  private HttpResponse<String> get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.page().resolve("/" + path)).build();
    return client.send(request, BodyHandlers.ofString());
  }
}
