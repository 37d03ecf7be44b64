package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows at one moment; its JSON has these names. A cell is a peer as one node knows
 * it, and the cells of a node are in a row.
 *
 * @param results a row for each line of the summary
 */
record FleetState(PagePlan plan, List<RunState> runs, List<FleetSummary.Row> results) {
  static FleetState of(Plan plan, List<FleetRun> runs) {
    return new FleetState(
        PagePlan.of(plan), runs.stream().map(RunState::of).toList(), FleetSummary.rows(runs));
  }

  /** What does not change. */
  record PagePlan(
      double runSeconds,
      double sliceSeconds,
      double longestDelaySeconds,
      int columns,
      Map<String, Double> phaseSeconds,
      List<PageCell> peers) {
    static PagePlan of(Plan plan) {
      Map<String, Double> phaseSeconds = new LinkedHashMap<>();
      for (Stage stage : Stage.values()) {
        phaseSeconds.put(stage.toString(), seconds(stage.of(plan.length())));
      }
      return new PagePlan(
          seconds(plan.length()),
          seconds(ThroughputSeries.slice(plan.length())),
          seconds(plan.longestDelay()),
          plan.peers().size(),
          phaseSeconds,
          IntStream.range(0, plan.nodes())
              .boxed()
              .flatMap(node -> plan.peers().stream()
                  .map(peer -> new PageCell(
                      node,
                      peer.number(),
                      peer.address().getPort(),
                      plan.outage().get(peer.number()).mode().toString())))
              .toList());
    }
  }

  /** A peer of a node, and its behavior in an outage. */
  record PageCell(int node, int number, int port, String outage) {}

  /**
   * One run so far.
   *
   * @param phase null before the first stage and after the last
   * @param series failed sends per second in each slice that has ended
   * @param tracked what the nodes know
   */
  record RunState(
      String name,
      @Nullable String phase,
      double elapsedSeconds,
      List<Long> series,
      List<TrackedCell> tracked) {
    static RunState of(FleetRun run) {
      Stage stage = run.stage();
      return new RunState(
          run.name(),
          stage == null ? null : stage.toString(),
          seconds(run.elapsed()),
          run.failuresPerSecond(),
          run.nodes().stream()
              .flatMap(node -> node.holdings().stream()
                  .map(holding -> TrackedCell.of(node, holding, run.peers())))
              .toList());
    }
  }

  /**
   * A peer that a node tracks.
   *
   * @param peer the number of the cell
   * @param remainingMillis how long to leave it alone, rounded up; 0 while it is probed
   */
  record TrackedCell(int peer, int attempts, long remainingMillis, int probes, boolean adopted) {
    static TrackedCell of(Node node, Node.Holding holding, int peers) {
      long nanos =
          holding.probing() ? 0 : holding.state().remainingNanos(node.table().nanoTime());
      return new TrackedCell(
          node.number() * peers + holding.peer().number(),
          holding.state().attempts(),
          (nanos + 999_999) / 1_000_000,
          holding.probing() ? 1 : 0,
          holding.adopted());
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
