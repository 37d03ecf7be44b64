package io.github.bytesandbrains.backoff.demo.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior.Mode;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.redis.RedisProcess;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetRunTest {
  private static final StatusLine LINE =
      new StatusLine(new PrintWriter(Writer.nullWriter()), false);

  /** No peer ever serves, and no call of a table is quick enough. */
  @Test
  void pass_invariantsBroken_eachIsAFault() throws Exception {
    Fleet fleet = new Fleet(4, 0, Protocol.LONG);
    fleet.close();
    FleetRun run = new FleetRun(plan(fleet, Duration.ofSeconds(1)), fleet, null);
    assertThat(run.pass(LINE))
        .satisfiesExactly(
            fault -> assertThat(fault).isEqualTo(unserved("Redis up")),
            fault -> assertThat(fault).isEqualTo(unserved("Redis away")),
            fault -> assertThat(fault).isEqualTo(unserved("Redis back")),
            fault -> assertThat(fault)
                .startsWith("without sharing: a worker waited for its table for PT"));
  }

  @Test
  void pass_redisRejectsTheNodes_faultsOfSharing(@TempDir Path folder) throws Exception {
    try (Fleet fleet = new Fleet(4, 0, Protocol.LONG);
        RedisProcess redis = new RedisProcess(folder, "--requirepass", "secret")) {
      FleetRun run = new FleetRun(plan(fleet, Duration.ofMillis(100)), fleet, redis);
      assertThat(run.pass(LINE))
          .contains(
              "with sharing: Redis is there, but a node is not connected",
              "with sharing, outage: no node learned anything from the others");
    }
  }

  @Test
  void state_aNodeThatAdopted_itsCellSaysSo() throws Exception {
    try (Fleet fleet = new Fleet(4, 0, Protocol.LONG)) {
      FleetRun run = new FleetRun(plan(fleet, Duration.ofSeconds(1)), fleet, null);
      Peer peer = fleet.peers().get(1);
      run.nodes().get(0).table().recordFailure(peer);
      run.nodes().get(2).table().postpone(peer, Duration.ofDays(1));
      FleetState state = FleetState.of(plan(fleet, Duration.ofSeconds(1)), List.of(run));
      JsonObject json = new Gson().toJsonTree(state).getAsJsonObject();
      JsonObject cell =
          json.getAsJsonObject("plan").getAsJsonArray("peers").get(9).getAsJsonObject();
      assertThat(cell.get("node").getAsInt()).isEqualTo(2);
      assertThat(cell.get("number").getAsInt()).isEqualTo(1);
      assertThat(cell.get("port").getAsInt()).isEqualTo(peer.address().getPort());
      assertThat(state.runs().get(0).tracked())
          .extracting(each -> each.peer(), each -> each.attempts(), each -> each.adopted())
          .containsExactly(tuple(1, 1, false), tuple(9, 0, true));
    }
  }

  private static Plan plan(Fleet fleet, Duration length) {
    return new Plan(
        3,
        length,
        1,
        fleet.peers(),
        List.of(
            new PeerBehavior(Mode.REFUSED, 0),
            PeerBehavior.SERVING,
            PeerBehavior.SERVING,
            PeerBehavior.SERVING),
        new Plan.Limits(Duration.ZERO, Duration.ZERO));
  }

  private static String unserved(String episode) {
    return "without sharing, " + episode + ": a peer that recovered was not served again";
  }
}
