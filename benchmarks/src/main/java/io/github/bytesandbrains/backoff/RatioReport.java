package io.github.bytesandbrains.backoff;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a run found, as it is written down. */
record RatioReport(Surroundings surroundings, Settings settings, List<Result> results) {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
  static final String FILE = "ratios.json";
  private static final Path RESULTS = Path.of("benchmarks", "results");

  static Path write(Options options, List<Result> results) throws IOException {
    Surroundings surroundings = Surroundings.here("ratios", options.arguments());
    Path directory = options.out() == null ? RESULTS.resolve(surroundings.name()) : options.out();
    Path file = Files.createDirectories(directory).resolve(FILE);
    Files.writeString(
        file, GSON.toJson(new RatioReport(surroundings, options.settings(), results)) + "\n");
    return file;
  }

  static RatioReport read(Path file) throws IOException {
    return GSON.fromJson(Files.readString(file), RatioReport.class);
  }

  static void writeSamples(Path file, List<Sample> samples) throws IOException {
    Files.writeString(file, new Gson().toJson(samples));
  }

  static List<Sample> readSamples(Path file) throws IOException {
    return GSON.fromJson(Files.readString(file), new TypeToken<List<Sample>>() {}.getType());
  }

  /** A name for a directory. */
  static String plain(String text) {
    return text.replaceAll("[^A-Za-z0-9.]+", "-").toLowerCase(Locale.ROOT);
  }
}
