package io.github.bytesandbrains.backoff;

/**
 * A histogram of the attempts that the index met lately, which tells which peers are weakest when
 * there are too many. Arrivals count at level 1 and peers that survive a review at their own level,
 * so a flood of made-up peers occupies the weakest eighth itself.
 *
 * <p>Not thread-safe.
 */
final class Census {
  /** Attempts beyond this are as good as this. */
  private static final int MAX_LEVEL = 32;

  /** The share of all peers, 1 in 8, that counts as weak. */
  private static final int WEAK_SHARE = 8;

  private static final int MIN_LIMIT = 256;

  private final long[] peers = new long[MAX_LEVEL + 1];
  private final long limit;
  private long total;

  Census(long maximumPeers) {
    limit = Math.max(MIN_LIMIT, Nanos.plus(maximumPeers, maximumPeers));
  }

  /** The level of a peer that is tracked, 1 to 32. */
  static int level(int attempts) {
    return Math.max(1, Math.min(attempts, MAX_LEVEL));
  }

  void count(int level) {
    peers[level]++;
    if (++total > limit) {
      halve();
    }
  }

  private void halve() {
    total = 0;
    for (int level = 0; level < peers.length; level++) {
      peers[level] /= 2;
      total += peers[level];
    }
  }

  /**
   * The highest level in the weakest eighth of all peers; 0 if recovered peers alone make up that.
   */
  int weakestLevel(long recovered) {
    long all = recovered + total;
    long weak = recovered;
    int level = 0;
    while (WEAK_SHARE * weak < all && level < MAX_LEVEL) {
      weak += peers[++level];
    }
    return level;
  }
}
