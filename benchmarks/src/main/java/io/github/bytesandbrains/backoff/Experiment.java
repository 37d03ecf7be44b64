package io.github.bytesandbrains.backoff;

import java.util.List;
import java.util.function.Consumer;

/** Rows that are measured in one JVM of their own, so that no other row's work shapes their code. */
interface Experiment {
  List<Row> rows();

  /** How many JVMs measure it, where so many are wanted. */
  default int forks(int wanted) {
    return wanted;
  }

  /** What its JVM needs besides {@link Ratios#JVM_OPTIONS}. */
  default List<String> jvmOptions() {
    return List.of();
  }

  /** Measures some of the rows. */
  void run(List<Row> rows, Settings settings, Consumer<Sample> samples);
}
