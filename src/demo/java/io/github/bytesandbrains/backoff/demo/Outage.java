package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.demo.Condition.Mode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Who fails in the outage, and how. */
final class Outage {
  private static final int PERCENT = 30;
  private static final List<Mode> FAILING =
      List.of(Mode.HUNG, Mode.REFUSED, Mode.BUSY, Mode.FLAPPING);

  private Outage() {}

  /** Returns each peer's condition, by its number; the same for the same seed. */
  static List<Condition> choose(int peers, long seed) {
    // Of java.util.random, the one whose algorithm is specified: the same choice on every JDK.
    Random random = new Random(seed);
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, peers).boxed().toList());
    Collections.shuffle(numbers, random);
    List<Condition> conditions = new ArrayList<>(Collections.nCopies(peers, Condition.SERVING));
    int failing = Math.max(1, peers * PERCENT / 100);
    for (int i = 0; i < failing; i++) {
      Mode mode = FAILING.get(i % FAILING.size());
      // Peers that are busy ask for long delays. With short ones theirs would be the most attempts
      // in
      // any run, as each send is an attempt, and the figure would tell nothing of in-flight
      // failures.
      int least = mode == Mode.BUSY ? 600 : 100;
      conditions.set(numbers.get(i), new Condition(mode, least + random.nextInt(400)));
    }
    return List.copyOf(conditions);
  }

  /** Returns how many peers are in which mode: {@code 140 serving, 15 refused}. */
  static String summary(List<Condition> conditions) {
    Map<Mode, Long> counts = new EnumMap<>(Mode.class);
    conditions.forEach(condition -> counts.merge(condition.mode(), 1L, Long::sum));
    return counts.entrySet().stream()
        .map(count -> count.getValue() + " " + count.getKey().name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
