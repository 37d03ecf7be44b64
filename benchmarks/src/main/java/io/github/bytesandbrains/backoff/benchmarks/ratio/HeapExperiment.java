package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openjdk.jol.info.GraphLayout;

/**
 * The heap that each tracked peer takes in addition to its key, by the classes of its objects: a
 * filled implementation less an empty one and less the keys.
 */
record HeapExperiment(ImplType impl, int peers, @Nullable Double atMost)
    implements Experiment.Single {
  /** The first JDK that warns about what JOL uses. */
  private static final int UNSAFE_WARNS = 24;

  private static final double MIN_SHOWN = 0.5;
  private static final List<String> OPENED = List.of(
      "lang",
      "lang.ref",
      "time",
      "util",
      "util.concurrent",
      "util.concurrent.atomic",
      "util.concurrent.locks",
      "util.function");

  @Override
  public Target target() {
    String name = String.format(
        Locale.ROOT, "heap of a tracked peer in bytes, %,d peers, %s", peers, impl.title);
    return Target.of(atMost, name);
  }

  @Override
  public int forks(int wanted) {
    return 1; // nothing varies
  }

  /** Lets JOL look into records and into the JDK's objects, and do so quickly. */
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
  public void run(Run run) {
    int count = run.peers(peers);
    String[] keys = Peers.tracked(count);
    BackoffImpl<String> filled = impl.create();
    for (String key : keys) {
      filled.cool(key);
    }
    Map<String, Long> sizes = new TreeMap<>();
    add(sizes, filled, 1);
    add(sizes, keys, -1);
    add(sizes, impl.create(), -1);
    Map<String, Double> shown = new LinkedHashMap<>();
    double sum = 0;
    for (Map.Entry<String, Long> size : sizes.entrySet()) {
      double bytes = (double) size.getValue() / count;
      sum += bytes;
      if (bytes >= MIN_SHOWN) {
        shown.put(size.getKey(), bytes);
      }
    }
    run.add(target(), sum, shown);
  }

  /** Adds the bytes of all objects that can be reached, by class. */
  private static void add(Map<String, Long> sizes, Object root, int sign) {
    GraphLayout layout = GraphLayout.parseInstance(root);
    for (Class<?> type : layout.getClasses()) {
      if (type != String[].class) { // the array of keys
        String name = type.getTypeName().replaceFirst(".*\\.", "").replaceFirst("/.*", "");
        sizes.merge(name, sign * layout.getClassSizes().count(type), Long::sum);
      }
    }
  }
}
