package io.github.bytesandbrains.backoff.benchmarks.workload;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.ZipfDistribution;
import org.apache.commons.math3.random.Well19937c;

/** Addresses of peers, and the orders in which they are used. */
public final class Peers {
  private static final int MIN_SEQUENCE = 1 << 16;
  private static final int A_BYTE = 256;

  /** How often and in which order peers are used. */
  public enum Order {
    /** Each peer once a lap, in random order. */
    SHUFFLED,
    /** A few peers very often, most of them rarely. */
    ZIPF;

    /** A sequence of the peers, of whole laps and about 65,536 or more. */
    public String[] of(String[] peers) {
      return this == SHUFFLED ? shuffled(peers) : zipf(peers);
    }
  }

  private Peers() {}

  /** The peers that an implementation is to track. */
  public static String[] tracked(int count) {
    return addresses("10", count);
  }

  /** The same number of others. */
  public static String[] strangers(int count) {
    return addresses("11", count);
  }

  /** Every second peer, starting with the first or the second. */
  static String[] everySecond(String[] peers, int first) {
    return IntStream.range(0, peers.length)
        .filter(i -> i % 2 == first)
        .mapToObj(i -> peers[i])
        .toArray(String[]::new);
  }

  private static String[] addresses(String net, int count) {
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      addresses[i] =
          net + "." + i / A_BYTE / A_BYTE + "." + i / A_BYTE % A_BYTE + "." + i % A_BYTE + ":7946";
    }
    return addresses;
  }

  private static String[] zipf(String[] peers) {
    ZipfDistribution ranks = new ZipfDistribution(new Well19937c(peers.length), peers.length, 1);
    return Arrays.stream(ranks.sample(MIN_SEQUENCE))
        .mapToObj(rank -> peers[rank - 1])
        .toArray(String[]::new);
  }

  private static String[] shuffled(String[] peers) {
    Random random = new Random(peers.length);
    int laps = Math.max(1, MIN_SEQUENCE / peers.length);
    String[] sequence = new String[laps * peers.length];
    List<String> lap = Arrays.asList(peers.clone());
    for (int i = 0; i < laps; i++) {
      Collections.shuffle(lap, random);
      System.arraycopy(lap.toArray(), 0, sequence, i * peers.length, peers.length);
    }
    return sequence;
  }
}
