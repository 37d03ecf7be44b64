package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the live page is made of, over real HTTP; how it looks is tested in a browser. */
class LivePageTest {
  private static final Options OPTIONS = Options.parse("--peers", "4", "--seconds", "10");

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicLong now = new AtomicLong(Duration.ofDays(1).toNanos());
  private final ConcurrentBackoffTable<Peer> table =
      ConcurrentBackoffTable.builder().nanoTime(now::get).build();
  private final Side side = Side.tryAcquire(table);
  private final MetricsEndpoint endpoint = new MetricsEndpoint(0);
  private Fleet fleet;
  private Run run;
  private LivePage page;

  @BeforeEach
  void serve() throws IOException {
    fleet = new Fleet(OPTIONS.peers(), 0);
    run = new Run(side, fleet, OPTIONS);
    page = page(Duration.ofMinutes(1));
    endpoint.serve("/", page);
  }

  private LivePage page(Duration patience) {
    List<Run> runs = List.of(run, new Run(Side.WITHOUT_TABLE, fleet, OPTIONS));
    LiveState.Plan plan = LiveState.Plan.of(OPTIONS, fleet.peers());
    return new LivePage(() -> LiveState.of(plan, runs), patience);
  }

  @AfterEach
  void close() throws IOException {
    endpoint.close();
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
  void answer_partOfThePage_withItsTypeAndNothingFromOutside(String path, String type)
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
  void answer_otherPath_404(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void answer_metrics_asBefore() throws Exception {
    assertThat(get("metrics").headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
  }

  @Test
  void answer_otherMethod_405() throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(uri("state")).POST(BodyPublishers.noBody()).build();
    HttpResponse<Void> answer = client.send(post, BodyHandlers.discarding());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
  }

  @Test
  void state_plan_lengthsAndPeers() throws Exception {
    JsonObject plan = state().getAsJsonObject("plan");
    assertThat(plan.get("runSeconds").getAsDouble()).isEqualTo(3);
    assertThat(plan.get("longestDelaySeconds").getAsDouble()).isEqualTo(0.35);
    assertThat(plan.getAsJsonArray("phases").toString())
        .isEqualTo("[{\"name\":\"calm\",\"seconds\":0.66},{\"name\":\"outage\",\"seconds\":1.29},"
            + "{\"name\":\"recovery\",\"seconds\":1.05}]");
    assertThat(objects(plan.getAsJsonArray("peers")))
        .extracting(peer -> peer.get("port").getAsInt())
        .containsExactlyElementsOf(
            fleet.peers().stream().map(peer -> peer.address().getPort()).toList());
    assertThat(plan.getAsJsonArray("peers").toString()).contains("\"hung\"", "\"serving\"");
  }

  @Test
  void state_passage_phaseMeansAndPulse() throws Exception {
    assertThat(passage(0).has("phase")).isFalse();
    assertThat(passage(0).get("elapsedSeconds").getAsDouble()).isZero();
    served(); // in the warm-up
    run.measurements().begin(Phase.CALM);
    served();
    run.measurements().begin(Phase.OUTAGE);
    assertThat(passage(0).get("phase").getAsString()).isEqualTo("outage");
    assertThat(passage(0).getAsJsonObject("mean").keySet())
        .containsExactlyInAnyOrder("calm", "outage");
    run.measurements().end();
    served(); // by a worker that is still at it
    assertThat(run.pulse().repliesPerSecond(Duration.ofDays(1)).stream()
            .mapToLong(r -> r)
            .sum())
        .isEqualTo(7); // one in a slice of 150 ms
    assertThat(passage(0).has("phase")).isFalse();
    assertThat(passage(1).get("name").getAsString()).isEqualTo("without table");
    assertThat(passage(1).has("tracked")).isFalse();
  }

  @Test
  void state_trackedPeers_coolingDueAndProbing() throws Exception {
    table.recordRemoteAdvisory(peer(0), Duration.ofNanos(1_000_001));
    table.recordRemoteAdvisory(peer(1), Duration.ZERO);
    table.recordRemoteAdvisory(peer(2), Duration.ZERO);
    Policy prober = side.policies().get();
    assertThat(prober.admits(peer(2), now.get())).isTrue();
    assertThat(tracked())
        .containsExactlyInAnyOrder(looks(0, 1, 2, 0), looks(1, 1, 0, 0), looks(2, 1, 0, 1));

    prober.record(peer(2), Outcome.busy(5));
    now.addAndGet(2_000_000);
    assertThat(tracked())
        .containsExactlyInAnyOrder(looks(0, 1, 0, 0), looks(1, 1, 0, 0), looks(2, 2, 3, 0));
  }

  @Test
  void state_severalAskedOnly_everySendAProbeUntilItsOutcome() throws Exception {
    table.recordRemoteAdvisory(peer(3), Duration.ZERO);
    Findings findings = side.findings().orElseThrow();
    Policy one = new Auditor(new ShouldRetryPolicy(table), findings);
    Policy other = new Auditor(new ShouldRetryPolicy(table), findings);
    one.admits(peer(3), now.get());
    other.admits(peer(3), now.get());
    assertThat(tracked()).containsExactly(looks(3, 1, 0, 2));
    one.close();
    assertThat(tracked()).containsExactly(looks(3, 1, 0, 1));
    other.record(peer(3), Outcome.SERVED);
    assertThat(tracked()).isEmpty();
    one.admits(peer(3), now.get()); // not tracked: no probe
    assertThat(findings.probes(peer(3))).isZero();
  }

  @Test
  @Timeout(30)
  void bidFarewell_nobodyThere_atOnce() throws Exception {
    assertThat(page.bidFarewell()).isFalse();
  }

  @Test
  void bidFarewell_visitor_untilItHasAskedAgain() throws Exception {
    get("state");
    CompletableFuture<Boolean> farewell = CompletableFuture.supplyAsync(() -> {
      try {
        return page.bidFarewell();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    while (!farewell.isDone()) {
      get("state");
    }
    assertThat(farewell.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  @Timeout(30)
  void bidFarewell_visitorThatLeft_endsWithItsPatience() throws Exception {
    LivePage hasty = page(Duration.ofMillis(20));
    try (MetricsEndpoint other = new MetricsEndpoint(0)) {
      other.serve("/", hasty);
      assertThat(get(other.address().resolve("/state")).statusCode()).isEqualTo(200);
      assertThat(hasty.bidFarewell()).isFalse();
    }
  }

  private void served() {
    run.measurements().sent(peer(0), Outcome.SERVED, System.nanoTime());
  }

  private static String looks(int peer, int attempts, int remainingMillis, int probes) {
    return "{\"peer\":" + peer + ",\"attempts\":" + attempts + ",\"remainingMillis\":"
        + remainingMillis + ",\"probes\":" + probes + "}";
  }

  private List<String> tracked() throws Exception {
    return objects(passage(0).getAsJsonArray("tracked")).stream()
        .map(JsonObject::toString)
        .toList();
  }

  private JsonObject passage(int number) throws Exception {
    return objects(state().getAsJsonArray("runs")).get(number);
  }

  private JsonObject state() throws Exception {
    return JsonParser.parseString(get("state").body()).getAsJsonObject();
  }

  private static List<JsonObject> objects(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(element -> element.getAsJsonObject())
        .toList();
  }

  private Peer peer(int number) {
    return fleet.peers().get(number);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(uri(path));
  }

  private HttpResponse<String> get(URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return endpoint.address().resolve("/" + path);
  }
}
