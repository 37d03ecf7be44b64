package io.github.bytesandbrains.backoff;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@link Ratios}.
 *
 * @param out where the results go; unless given, a directory named for the day, the CPU and the JDK
 */
record Options(
    String rows,
    int slices,
    int forks,
    boolean quick,
    @Nullable Path out) {
  static final String USAGE = """
      ratios [--rows REGEX] [--slices N] [--forks N] [--out DIR] [--quick]
        --rows REGEX  only the rows whose names match
        --slices N    pairs of slices a row and JVM, 1000 unless given
        --forks N     JVMs that measure each row, 5 unless given
        --out DIR     where the results go, benchmarks/results/DATE-CPU-JDK unless given
        --quick       run each row for a moment, judge nothing, write nothing""";
  private static final int SLICES = 1_000;
  private static final int FORKS = 5;

  static Options parse(List<String> arguments) {
    String rows = "";
    int slices = SLICES;
    int forks = FORKS;
    boolean quick = false;
    Path out = null;
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i);
      if (option.equals("--quick")) {
        quick = true;
        forks = 1;
        continue;
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(option + " (expected: " + USAGE + ")");
      }
      String value = arguments.get(++i);
      switch (option) {
        case "--rows" -> rows = value;
        case "--slices" -> slices = Integer.parseInt(value);
        case "--forks" -> forks = Integer.parseInt(value);
        case "--out" -> out = Path.of(value);
        default -> throw new IllegalArgumentException(option + " (expected: " + USAGE + ")");
      }
    }
    return new Options(rows, slices, forks, quick, out);
  }

  /** The arguments that give these options. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(
        List.of("--slices", String.valueOf(slices), "--forks", String.valueOf(forks)));
    if (!rows.isEmpty()) {
      arguments.addAll(List.of("--rows", rows));
    }
    if (quick) {
      arguments.add("--quick");
    }
    return arguments;
  }

  Settings settings() {
    return quick ? Settings.quick() : Settings.judged(slices);
  }
}
