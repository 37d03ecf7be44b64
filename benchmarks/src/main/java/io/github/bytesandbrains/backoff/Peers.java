package io.github.bytesandbrains.backoff;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The peers of a comparison.
 *
 * @param tracked each once
 * @param sequence the same in random order, repeated until they are many
 * @param strangers as many others
 */
record Peers(String[] tracked, String[] sequence, String[] strangers) {
  private static final int LEAST = 1 << 16;
  private static final int A_BYTE = 256;

  static Peers of(int count) {
    String[] tracked = addresses("10", count);
    return new Peers(tracked, shuffled(tracked), shuffled(addresses("11", count)));
  }

  /** Peers of so many, a few of them very often, most of them seldom: drawn by Zipf's law. */
  static String[] zipf(String[] peers) {
    double[] upTo = new double[peers.length];
    double sum = 0;
    for (int i = 0; i < peers.length; i++) {
      sum += 1.0 / (i + 1);
      upTo[i] = sum;
    }
    Random random = new Random(peers.length);
    String[] drawn = new String[LEAST];
    for (int i = 0; i < drawn.length; i++) {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
      drawn[i] = peers[found < 0 ? -found - 1 : found];
    }
    return drawn;
  }

  private static String[] addresses(String net, int count) {
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      addresses[i] =
          net + "." + i / A_BYTE / A_BYTE + "." + i / A_BYTE % A_BYTE + "." + i % A_BYTE + ":7946";
    }
    return addresses;
  }

  /** Every second peer, from the first or the second on. */
  static String[] everySecond(String[] peers, int from) {
    return IntStream.range(0, peers.length)
        .filter(i -> i % 2 == from)
        .mapToObj(i -> peers[i])
        .toArray(String[]::new);
  }

  /** The peers in random order, again and again until they are many. */
  static String[] shuffled(String[] peers) {
    Random random = new Random(peers.length);
    int laps = Math.max(1, LEAST / peers.length);
    String[] sequence = new String[laps * peers.length];
    List<String> lap = Arrays.asList(peers.clone());
    for (int i = 0; i < laps; i++) {
      Collections.shuffle(lap, random);
      for (int j = 0; j < peers.length; j++) {
        sequence[i * peers.length + j] = lap.get(j);
      }
    }
    return sequence;
  }
}
