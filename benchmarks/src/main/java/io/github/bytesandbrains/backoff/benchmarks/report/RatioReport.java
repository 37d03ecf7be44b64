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

  /** In a results directory. */
  public static final String FILE = "ratios.json";

  public void write(Path file) throws IOException {
    Files.writeString(file, GSON.toJson(this) + "\n");
  }

  static RatioReport read(Path directory) throws IOException {
    return GSON.fromJson(Files.readString(directory.resolve(FILE)), RatioReport.class);
  }
}
