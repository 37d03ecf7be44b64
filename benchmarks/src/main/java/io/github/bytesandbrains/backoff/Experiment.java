package io.github.bytesandbrains.backoff;

import java.util.List;
import java.util.function.Consumer;

/** Rows that are measured in one JVM of their own, so that no other row's work shapes their code. */
interface Experiment {
  List<Row> rows();

  /** Measures some of the rows. */
  void run(List<Row> rows, Settings settings, Consumer<Result> results);
}
