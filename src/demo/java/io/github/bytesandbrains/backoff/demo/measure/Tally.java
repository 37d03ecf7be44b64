package io.github.bytesandbrains.backoff.demo.measure;

import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;

/** Counts what workers do. Thread-safe. */
@FunctionalInterface
public interface Tally {
  /** Counts a send, or one that was spared, that began at a time of {@link System#nanoTime}. */
  void sent(Peer peer, SendResult result, long beganNanos);
}
