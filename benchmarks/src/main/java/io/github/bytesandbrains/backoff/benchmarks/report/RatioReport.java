package io.github.bytesandbrains.backoff.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a run found, as a results directory keeps it. */
public record RatioReport(
    @SerializedName("surroundings") Environment environment,
    Settings settings,
    List<Result> results) {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
  private static final String FILE = "ratios.json";

  /** Writes the report; returns the file. */
  public Path write(Path directory) throws IOException {
    Path file = Files.createDirectories(directory).resolve(FILE);
    return Files.writeString(file, GSON.toJson(this) + "\n");
  }

  static RatioReport read(Path directory) throws IOException {
    return GSON.fromJson(Files.readString(directory.resolve(FILE)), RatioReport.class);
  }
}
