package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jol.info.GraphLayout;

/**
 * The heap that each tracked peer takes beside the key itself, of a filled contender less an empty
 * one, by the classes of its objects.
 */
final class Heap implements Experiment {
  /** The first JDK that warns of what JOL uses. */
  private static final int UNSAFE_WARNS = 24;

  private static final double WORTH_SAYING = 0.5;
  private static final List<String> OPENED = List.of(
      "lang",
      "lang.ref",
      "time",
      "util",
      "util.concurrent",
      "util.concurrent.atomic",
      "util.concurrent.locks",
      "util.function");

  static final String TITLE = "heap of a tracked peer in bytes";

  private final Row row;
  private final int peers;
  private final Candidate candidate;

  Heap(Candidate candidate, int peers, @Nullable Double atMost) {
    String name = String.format(Locale.ROOT, "%s, %,d peers, %s", TITLE, peers, candidate.title);
    this.row = atMost == null ? Row.shown(name) : Row.atMost(atMost, name);
    this.peers = peers;
    this.candidate = candidate;
  }

  @Override
  public List<Row> rows() {
    return List.of(row);
  }

  @Override
  public int forks(int wanted) {
    return 1; // nothing about it varies
  }

  /** So that JOL looks into records and into the JDK's objects, and does so quickly. */
  @Override
  public List<String> jvmOptions() {
    List<String> options = new ArrayList<>(List.of(
        "-Djol.magicFieldOffset=true",
        "-Djol.skipHotspotSAAttach=true",
        "-javaagent:" + System.getProperty("java.class.path")));
    if (Runtime.version().feature() >= UNSAFE_WARNS) {
      options.add("--sun-misc-unsafe-memory-access=allow");
    }
    for (String opened : OPENED) {
      options.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
    }
    return options;
  }

  @Override
  public void run(List<Row> wanted, Settings settings, Consumer<Sample> samples) {
    int count = settings.peers(peers);
    Map<String, Long> sizes = new TreeMap<>();
    add(sizes, Map.of(), candidate.create(), -1);
    Contender<String> filled = candidate.create();
    String[] keys = Peers.of(count).tracked();
    filled.cool(keys);
    add(sizes, sizes(keys), filled, 1);
    Map<String, Double> parts = new LinkedHashMap<>();
    double sum = 0;
    for (Map.Entry<String, Long> size : sizes.entrySet()) {
      double bytes = (double) size.getValue() / count;
      sum += bytes;
      if (bytes >= WORTH_SAYING) {
        parts.put(size.getKey(), bytes);
      }
    }
    samples.accept(new Sample(row.name(), new double[] {sum}, null, null, parts));
  }

  /** Adds the bytes of all objects but the keys, by the part that they are of and their class. */
  private static void add(
      Map<String, Long> sizes, Map<String, Long> keys, Contender<String> contender, int sign) {
    Map<String, Long> before = keys;
    for (Map.Entry<String, Object> part : contender.parts().entrySet()) {
      Map<String, Long> all = sizes(part.getValue());
      for (Map.Entry<String, Long> size : all.entrySet()) {
        long bytes = size.getValue() - before.getOrDefault(size.getKey(), 0L);
        sizes.merge(part.getKey() + ": " + size.getKey(), sign * bytes, Long::sum);
      }
      before = all;
    }
  }

  private static Map<String, Long> sizes(Object root) {
    GraphLayout layout = GraphLayout.parseInstance(root);
    Map<String, Long> sizes = new TreeMap<>();
    for (Class<?> type : layout.getClasses()) {
      if (type != String[].class) { // which holds the keys
        String name = type.getTypeName().replaceFirst(".*\\.", "").replaceFirst("/.*", "");
        sizes.merge(name, layout.getClassSizes().count(type), Long::sum);
      }
    }
    return sizes;
  }
}
