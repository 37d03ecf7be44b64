package io.github.bytesandbrains.backoff.demo;

/**
 * What all workers did in some time.
 *
 * @param served replies
 * @param failed sends that were refused, timed out or broken off
 * @param busy sends that were answered with an advisory
 * @param spared times the table said that a peer is cooling
 * @param lostSeconds how long workers were held by the failed sends
 */
record Counts(long served, long failed, long busy, long spared, double lostSeconds) {
  static final Counts NONE = new Counts(0, 0, 0, 0, 0);

  Counts plus(Counts other) {
    return new Counts(
        served + other.served,
        failed + other.failed,
        busy + other.busy,
        spared + other.spared,
        lostSeconds + other.lostSeconds);
  }
}
