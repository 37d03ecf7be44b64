package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of several threads divided by that of one thread for the same number of operations,
 * in neighboring slices. Readers should not slow each other down. So for them only those slices count
 * in which threads that share nothing, each with an implementation of its own, reached nearly the full
 * throughput. Other slices show how busy the machine is, or that its processors are halves of one.
 */
final class ScalingExperiment implements Experiment {
  /** The share of the full throughput that threads without shared data reach in slices that count. */
  private static final double FULL = 0.95;

  private final ImplType impl;
  private final Operation operation;
  private final int peers;
  private final int operations;
  private final int sliceDivisor;
  private final Map<Integer, Target> targets = new LinkedHashMap<>();

  private ScalingExperiment(
      ImplType impl, Operation operation, int peers, int operations, int sliceDivisor) {
    this.impl = impl;
    this.operation = operation;
    this.peers = peers;
    this.operations = operations;
    this.sliceDivisor = sliceDivisor;
  }

  /** Two threads that ask while no thread writes. */
  static ScalingExperiment asking(ImplType impl, @Nullable Double atLeast) {
    String name = "asking, cooling, 1,000 peers, throughput of " + impl.title + ", 2 threads / 1";
    ScalingExperiment asking = new ScalingExperiment(impl, Operation.COOLING, 1_000, 20_000, 1);
    asking.targets.put(2, atLeast == null ? new Target(name, null) : Target.atLeast(atLeast, name));
    return asking;
  }

  /** Threads that record failures of one and the same peer. */
  static ScalingExperiment failingOnePeer(ImplType impl) {
    ScalingExperiment failing = new ScalingExperiment(impl, Operation.FAIL, 1, 40_000, 10);
    for (int threads : List.of(2, 4, 8)) {
      String name = "recording failures of one hot peer, throughput of " + impl.title + ", "
          + threads + " threads / 1";
      failing.targets.put(threads, new Target(name, null));
    }
    return failing;
  }

  @Override
  public List<Target> targets() {
    return new ArrayList<>(targets.values());
  }

  @Override
  public void run(List<Target> wanted, Settings settings, Consumer<Sample> samples) {
    BackoffImpl<String> shared = prepared();
    targets.forEach((threads, target) -> {
      if (wanted.contains(target)) {
        Pace together = new Pace(threads, i -> shared);
        Pace apart = operation == Operation.FAIL ? null : new Pace(threads, i -> prepared());
        try (ThreadTeam team = new ThreadTeam(threads)) {
          double[] ratios = ratios(team, together, apart, settings);
          samples.accept(Sample.of(target, ratios, Map.of()));
        }
      }
    });
  }

  private BackoffImpl<String> prepared() {
    BackoffImpl<String> prepared = impl.create();
    operation.prepare(Peers.tracked(peers), List.of(prepared));
    return prepared;
  }

  private double[] ratios(ThreadTeam team, Pace together, @Nullable Pace apart, Settings settings) {
    int slices = Math.max(1, settings.slices() / sliceDivisor);
    int warmUp = Math.max(1, slices / 4);
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (int i = -warmUp; i < slices; i++) {
      double reached = apart == null ? 1 : apart.ratio(team) / apart.several.size();
      double ratio = together.ratio(team);
      if (i >= 0 && reached >= FULL) {
        ratios.add(ratio);
      }
    }
    return ratios.build().toArray();
  }

  /** The same operations by one thread and by several. */
  private final class Pace {
    private final Random random = new Random(1);
    private final List<Workload> one;
    private final List<Workload> several = new ArrayList<>();

    Pace(int threads, IntFunction<BackoffImpl<String>> impls) {
      String[] sequence = operation.sequence(Peers.tracked(peers), Peers.Order.SHUFFLED);
      for (int i = 0; i < threads; i++) {
        int offset = i * (operations / threads);
        several.add(operation.workload(impls.apply(i), sequence, offset));
      }
      one = List.of(operation.workload(impls.apply(0), sequence, 0));
    }

    double ratio(ThreadTeam team) {
      boolean oneFirst = random.nextBoolean();
      double alone = oneFirst ? team.nanos(one, operations) : 0;
      double shared = team.nanos(several, operations / several.size());
      return (oneFirst ? alone : team.nanos(one, operations)) / shared;
    }
  }
}
