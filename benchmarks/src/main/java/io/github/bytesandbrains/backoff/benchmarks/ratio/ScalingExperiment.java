package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Operation;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of several threads divided by that of one thread for the same number of
 * operations, in neighboring slices. Readers should not slow each other down. So for them only
 * those slices count in which threads that share nothing, each with an implementation of its own,
 * reached nearly the full throughput. Other slices show how busy the machine is, or that its
 * processors are halves of one.
 */
record ScalingExperiment(
    Target target,
    ImplType impl,
    Operation operation,
    int peers,
    int threads,
    int operations,
    int sliceDivisor)
    implements Experiment.Single {
  /**
   * The share of the full throughput that threads without shared data reach in slices that count.
   */
  private static final double FULL = 0.95;

  /** Two threads that ask while no thread writes. */
  static ScalingExperiment asking(ImplType impl, @Nullable Double atLeast) {
    String name = "asking, cooling, 1,000 peers, throughput of " + impl.title + ", 2 threads / 1";
    Target target = atLeast == null ? new Target(name, null) : Target.atLeast(atLeast, name);
    return new ScalingExperiment(target, impl, Operation.COOLING, 1_000, 2, 20_000, 1);
  }

  /** Threads that record failures of one and the same peer. */
  static ScalingExperiment failingOnePeer(ImplType impl, int threads) {
    Target target = new Target(
        "recording failures of one hot peer, throughput of %s, %d threads / 1"
            .formatted(impl.title, threads),
        null);
    return new ScalingExperiment(target, impl, Operation.FAIL, 1, threads, 40_000, 10);
  }

  @Override
  public void run(Run run) throws Exception {
    BackoffImpl<String> shared = prepared();
    Pace together = new Pace(() -> shared);
    Pace apart = operation == Operation.FAIL ? null : new Pace(this::prepared);
    int slices = Math.max(1, run.slices() / sliceDivisor);
    int warmUp = Math.max(1, slices / 4);
    DoubleStream.Builder ratios = DoubleStream.builder();
    try (ThreadTeam team = new ThreadTeam(threads)) {
      for (int i = -warmUp; i < slices; i++) {
        double reached = apart == null ? 1 : apart.ratio(team) / threads;
        double ratio = together.ratio(team);
        if (i >= 0 && reached >= FULL) {
          ratios.add(ratio);
        }
      }
    }
    run.add(target, ratios.build().toArray(), Map.of());
  }

  private BackoffImpl<String> prepared() {
    BackoffImpl<String> prepared = impl.create();
    operation.prepare(Peers.tracked(peers), List.of(prepared));
    return prepared;
  }

  /** The same operations by one thread and by several. */
  private final class Pace {
    private final Random random = new Random(1);
    private final List<Workload> one;
    private final List<Workload> several = new ArrayList<>();

    Pace(Supplier<BackoffImpl<String>> impls) {
      String[] sequence = operation.sequence(Peers.tracked(peers), Peers.Order.SHUFFLED);
      for (int i = 0; i < threads; i++) {
        several.add(operation.workload(impls.get(), sequence, i * (operations / threads)));
      }
      one = List.of(operation.workload(impls.get(), sequence, 0));
    }

    double ratio(ThreadTeam team) throws Exception {
      boolean oneFirst = random.nextBoolean();
      double alone = oneFirst ? team.nanos(one, operations) : 0;
      double shared = team.nanos(several, operations / threads);
      return (oneFirst ? alone : team.nanos(one, operations)) / shared;
    }
  }
}
