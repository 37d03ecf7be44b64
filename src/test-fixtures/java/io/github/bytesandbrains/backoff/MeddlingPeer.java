package io.github.bytesandbrains.backoff;

/** A peer that, while the table looks it up, does what another thread might do just then. */
final class MeddlingPeer {
  private int lookUps;
  private Runnable meddling = () -> {};

  /** Lets so many look-ups pass, and meddles in the next one. */
  void meddleAfter(int lookUps, Runnable meddling) {
    this.lookUps = lookUps;
    this.meddling = meddling;
  }

  @Override
  public int hashCode() {
    if (lookUps-- == 0) {
      meddling.run();
    }
    return 1;
  }
}
