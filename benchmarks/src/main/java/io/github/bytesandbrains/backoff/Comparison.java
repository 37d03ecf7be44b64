package io.github.bytesandbrains.backoff;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two works, each in a loop of its own.
 *
 * @param lap the operations after which the works begin again
 */
record Comparison(Row row, int lap, Supplier<Work> ours, Supplier<Work> theirs)
    implements Experiment {
  @Override
  public List<Row> rows() {
    return List.of(row);
  }

  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    samples.accept(new Interleaved(settings).compare(row, ours.get(), theirs.get(), lap));
  }
}
