package io.github.bytesandbrains.backoff.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that {@code ratios} and {@code isolated} share. */
public final class RowOptions {
  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec command;

  @Option(
      names = "--rows",
      paramLabel = "REGEX",
      description = "only the rows whose names match; the results go to partial-*.json")
  private @Nullable Pattern rows;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where the results go, benchmarks/results/DATE-CPU-JDK unless given")
  private @Nullable Path out;

  public boolean includes(String row) {
    return rows == null || rows.matcher(row).find();
  }

  /** The file for the results. Those of some rows never replace those of a full run. */
  public Path file(String name) throws IOException {
    Path directory = out == null ? Environment.defaultDirectory() : out;
    return Files.createDirectories(directory).resolve(rows == null ? name : "partial-" + name);
  }

  public CommandLine.ParameterException noRowMatches() {
    return new CommandLine.ParameterException(
        command.commandLine(), "--rows: " + rows + " (expected: matches a row)");
  }
}
