package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.report.IsolatedRun;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import java.util.List;
import java.util.Map;

/** Targets that are measured in one JVM, so that no other target's work shapes their code. */
interface Experiment {
  List<Target> targets();

  /** What JMH measures in isolation, for the targets where it can. */
  default Map<Target, IsolatedRun.Pair> isolated() {
    return Map.of();
  }

  /** How many JVMs measure it if this many are wanted. */
  default int forks(int wanted) {
    return wanted;
  }

  /** Options that its JVM needs in addition to those of all. */
  default List<String> jvmOptions() {
    return List.of();
  }

  void run(Run run) throws Exception;

  /** One target. */
  interface Single extends Experiment {
    Target target();

    @Override
    default List<Target> targets() {
      return List.of(target());
    }
  }
}
