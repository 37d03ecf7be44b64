package io.github.bytesandbrains.backoff.benchmarks.ratio;

import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.BARE_MAP;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.CAFFEINE;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.FAILSAFE;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.KAFKA;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.RESILIENCE4J;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.RESILIENCE4J_COUNTING;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.ROOMY_MAP;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.SYNCHRONIZED_MAP;
import static io.github.bytesandbrains.backoff.benchmarks.impl.ImplType.TABLE;
import static io.github.bytesandbrains.backoff.benchmarks.report.Target.atMost;

import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.SendWorkload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that is compared, and the numbers to reach. */
public final class Experiments {
  private static final int FEW = 1_000;
  private static final int MANY = 1_000_000;

  /** The time of this library divided by that of a bare map, at most. */
  private static final Map<Operation, Double> AT_MOST = new LinkedHashMap<>();

  static {
    AT_MOST.put(Operation.NOTHING_COOLING, 0.3);
    AT_MOST.put(Operation.COOLING, 1.1);
    AT_MOST.put(Operation.MISS, 1.1);
    AT_MOST.put(Operation.FAIL, 1.5);
    AT_MOST.put(Operation.FLAP, 1.5);
  }

  private Experiments() {}

  static List<Experiment> all() {
    List<Experiment> all = new ArrayList<>();
    AT_MOST.forEach((operation, atMost) -> all.add(everyImpl(operation, atMost)));
    AT_MOST.forEach((operation, atMost) -> {
      all.add(new ComparisonExperiment(operation, 10_000).with(BARE_MAP, null));
      all.add(new ComparisonExperiment(operation, 100_000).with(BARE_MAP, null));
    });
    AT_MOST.forEach((operation, atMost) ->
        all.add(new ComparisonExperiment(operation, MANY).with(BARE_MAP, atMost)));

    all.add(new PairExperiment(
        atMost(1, "permit and success, untracked / Failsafe breakers"),
        SendWorkload.SUCCESS,
        SendWorkload.SUCCESS_OF_FAILSAFE));
    all.add(new PairExperiment(
        atMost(0.4, "permit and success, untracked / Resilience4j breakers"),
        SendWorkload.SUCCESS,
        SendWorkload.SUCCESS_OF_RESILIENCE4J));
    all.add(new PairExperiment(
        atMost(2.5, "permit and failure, due / two computes of a bare ConcurrentHashMap"),
        SendWorkload.PROBE_FAILURE,
        SendWorkload.TWO_COMPUTES));
    all.add(new PairExperiment(
        atMost(4, "recording a new peer / bare ConcurrentHashMap"),
        SendWorkload.NEW_PEER,
        SendWorkload.NEW_PEER_OF_BARE_MAP));
    all.add(new PairExperiment(
        atMost(4, "recording a new peer in a flood / bare ConcurrentHashMap"),
        SendWorkload.FLOOD,
        SendWorkload.FLOOD_OF_BARE_MAP));
    all.add(new FloodLatency(
        atMost(3, "recording a known peer, 8 threads flood its table / another table, p99")));
    all.add(new QueryAllocation(
        atMost(0, "bytes allocated by a query beside its answer, the most of all queries")));
    all.add(new ScrapeExperiment(
        atMost(1.5, "one scrape of all meters, 1,000,000 peers / a bare traversal"), MANY));
    all.add(new HttpExperiment(
        atMost(1.02, "a request through the HTTP adapter / without it, over loopback"),
        new Target("the same with a body that is streamed / without the adapter", null),
        atMost(1_024, "bytes allocated by the HTTP adapter for a request")));
    all.add(new SnapshotExperiment(
        atMost(1.5, "saving a snapshot of 1,000,000 peers, in seconds"),
        atMost(2.5, "loading a snapshot of 1,000,000 peers, in seconds"),
        atMost(64, "heap in MiB that a save or a load needs in addition to the table"),
        MANY));
    all.add(new SnapshotLatency(
        atMost(3, "recording a known peer while its table is saved / another table, p99"), MANY));
    all.add(ScalingExperiment.asking(TABLE, 1.9));
    all.add(ScalingExperiment.asking(BARE_MAP, null));
    for (ImplType impl : List.of(TABLE, BARE_MAP)) {
      for (int threads : List.of(2, 4, 8)) {
        all.add(ScalingExperiment.failingOnePeer(impl, threads));
      }
    }

    all.add(new HeapExperiment(TABLE, MANY, 90.0));
    for (ImplType impl : List.of(BARE_MAP, SYNCHRONIZED_MAP, CAFFEINE, FAILSAFE, KAFKA)) {
      all.add(new HeapExperiment(impl, MANY, null));
    }
    // A million of these breakers are more objects than can be counted in a minute.
    all.add(new HeapExperiment(RESILIENCE4J, MANY / 10, null));
    return all;
  }

  /** An operation on a few peers by every implementation that can do it. */
  private static Experiment everyImpl(Operation operation, double atMost) {
    boolean judged = operation == Operation.NOTHING_COOLING || operation == Operation.COOLING;
    ComparisonExperiment experiment = new ComparisonExperiment(operation, FEW)
        .with(BARE_MAP, atMost)
        .with(ROOMY_MAP, null)
        .with(SYNCHRONIZED_MAP, null)
        .with(CAFFEINE, null);
    if (operation != Operation.MISS) { // Resilience4j's registry would create what is missing
      experiment.with(RESILIENCE4J, judged ? 0.2 : null);
    }
    if (operation == Operation.FAIL) {
      experiment.with(RESILIENCE4J_COUNTING, null);
    }
    return experiment.with(FAILSAFE, judged ? 0.95 : null).with(KAFKA, judged ? 1.0 : null);
  }

  /** What JMH measures in isolation, by the names of the targets. */
  public static Map<String, IsolatedRun.Pair> isolated() {
    Map<String, IsolatedRun.Pair> pairs = new LinkedHashMap<>();
    for (Experiment experiment : all()) {
      experiment.isolated().forEach((target, pair) -> pairs.put(target.name(), pair));
    }
    return pairs;
  }
}
