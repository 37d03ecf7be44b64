package io.github.bytesandbrains.backoff;

/** A peer that runs a hook while the table looks it up: what another thread might do just then. */
public final class HookedPeer {
  private int lookUps;
  private Runnable hook = () -> {};

  /** Runs {@code hook} during one look-up, after {@code lookUps} other ones. */
  public void hookAfter(int lookUps, Runnable hook) {
    this.lookUps = lookUps;
    this.hook = hook;
  }

  @Override
  public int hashCode() {
    if (lookUps-- == 0) {
      hook.run();
    }
    return 1;
  }
}
