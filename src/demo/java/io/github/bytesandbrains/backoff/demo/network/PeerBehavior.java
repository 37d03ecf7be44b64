package io.github.bytesandbrains.backoff.demo.network;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How a peer behaves.
 *
 * @param millis the delay that a busy peer asks for, or how long a flapping one stays closed, then
 *     open; unused by the others
 */
public record PeerBehavior(Mode mode, int millis) {
  public static final PeerBehavior SERVING = new PeerBehavior(Mode.SERVING, 0);

  private static final int FAILING_PERCENT = 30;
  private static final List<Mode> FAILING =
      List.of(Mode.HUNG, Mode.REFUSED, Mode.BUSY, Mode.FLAPPING);

  public enum Mode {
    SERVING,
    /** The listener is closed. */
    REFUSED,
    /** Accepts connections and never answers. */
    HUNG,
    /** Answers that the client should come back later. */
    BUSY,
    /** Alternates between refused and serving. */
    FLAPPING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether the listener is open, this long after the peer took on this behavior. */
  boolean listens(long elapsedMillis) {
    return switch (mode) {
      case REFUSED -> false;
      case FLAPPING -> elapsedMillis / millis % 2 == 1;
      case SERVING, HUNG, BUSY -> true;
    };
  }

  /** Returns each peer's behavior in the outage, by its number; the same for the same seed. */
  public static List<PeerBehavior> inOutage(int peers, long seed) {
    return inOutage(peers, seed, FAILING);
  }

  /** Returns the same for an outage in which a peer that fails is dead to everybody. */
  public static List<PeerBehavior> dead(int peers, long seed) {
    return inOutage(peers, seed, List.of(Mode.HUNG, Mode.REFUSED));
  }

  private static List<PeerBehavior> inOutage(int peers, long seed, List<Mode> modes) {
    Random random = new Random(seed); // its algorithm is specified: the same on every JDK
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, peers).boxed().toList());
    Collections.shuffle(numbers, random);
    List<PeerBehavior> behaviors = new ArrayList<>(Collections.nCopies(peers, SERVING));
    int failing = Math.max(1, peers * FAILING_PERCENT / 100);
    for (int i = 0; i < failing; i++) {
      Mode mode = modes.get(i % modes.size());
      // Busy peers ask for long delays. Each send to one is an attempt, so with short delays they
      // would hide what in-flight failures do to the largest attempts value.
      int least = mode == Mode.BUSY ? 600 : 100;
      behaviors.set(numbers.get(i), new PeerBehavior(mode, least + random.nextInt(400)));
    }
    return List.copyOf(behaviors);
  }

  /** Returns how many peers are in which mode: {@code 140 serving, 15 refused}. */
  public static String summary(List<PeerBehavior> behaviors) {
    return behaviors.stream()
        .collect(groupingBy(PeerBehavior::mode, () -> new EnumMap<>(Mode.class), counting()))
        .entrySet()
        .stream()
        .map(count -> count.getValue() + " " + count.getKey())
        .collect(joining(", "));
  }
}
