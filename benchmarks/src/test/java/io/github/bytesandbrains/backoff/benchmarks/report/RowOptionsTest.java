package io.github.bytesandbrains.backoff.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.bytesandbrains.backoff.benchmarks.jmh.Isolated;
import io.github.bytesandbrains.backoff.benchmarks.ratio.Ratios;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class RowOptionsTest {
  @TempDir
  private Path directory;

  private Path file(Object command, String... arguments) throws Exception {
    CommandLine line = new CommandLine(command);
    line.parseArgs(arguments);
    RowOptions rows = (RowOptions) line.getCommandSpec().mixins().get("rows").userObject();
    return rows.file("results.json");
  }

  @Test
  void file_allRows_isThatOfAFullRun() throws Exception {
    Path full = directory.resolve("results.json");

    assertEquals(full, file(new Ratios(), "--out", directory.toString()));
    assertEquals(full, file(new Isolated(), "--out", directory.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "heap", "."})
  void file_someRows_isNotThatOfAFullRun(String rows) throws Exception {
    Path partial = directory.resolve("partial-results.json");

    assertEquals(partial, file(new Ratios(), "--rows", rows, "--out", directory.toString()));
    assertEquals(partial, file(new Isolated(), "--rows", rows, "--out", directory.toString()));
  }
}
