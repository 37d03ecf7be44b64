package io.github.bytesandbrains.backoff;

/**
 * A peer that, while the table compares it, does what another thread might do just then. All of them
 * are the same peer; a map compares only those that are not identical.
 */
final class MeddlingPeer {
  private int comparisons;
  private Runnable meddling = () -> {};

  /** Lets so many comparisons pass, and meddles in the next one. */
  void meddleAfter(int comparisons, Runnable meddling) {
    this.comparisons = comparisons;
    this.meddling = meddling;
  }

  @Override
  public boolean equals(Object other) {
    if (comparisons-- == 0) {
      meddling.run();
    }
    return other instanceof MeddlingPeer;
  }

  @Override
  public int hashCode() {
    return 1;
  }
}
