package io.github.bytesandbrains.backoff.demo.workload;

import io.github.bytesandbrains.backoff.demo.measure.Measurements;
import io.github.bytesandbrains.backoff.demo.network.Client;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One transport worker: picks a peer, asks the policy, sends, and records, until it is interrupted.
 * A spared send is postponed, not dropped, because a transport has something to deliver. So when a
 * cooldown ends, several workers want the same peer.
 */
public final class Worker implements Runnable {
  /** Far longer than a reply takes here, so that only hung peers exceed it. */
  public static final Duration TIMEOUT = Duration.ofMillis(150);

  /** Keeps the processor partly idle, so that the results do not depend on its speed. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  /** Keeps workers from spinning when there is nobody to send to. */
  private static final long SPARED_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final PostponedSends postponedSends = new PostponedSends();
  private final PeerSelector selector;
  private final Policy policy;
  private final Client client;
  private final Measurements measurements;
  private final SplittableRandom random;

  public Worker(
      PeerSelector selector,
      Policy policy,
      Client client,
      Measurements measurements,
      SplittableRandom random) {
    this.selector = selector;
    this.policy = policy;
    this.client = client;
    this.measurements = measurements;
    this.random = random;
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(step(System.nanoTime()) ? PAUSE_NANOS : SPARED_PAUSE_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends, or postpones the send; returns whether it sent. */
  private boolean step(long nowNanos) throws InterruptedException {
    Peer postponed = postponedSends.pollDue(nowNanos);
    Peer peer = postponed != null ? postponed : selector.next(random);
    try (Admission admission = policy.admit(peer, nowNanos)) {
      SendResult result;
      if (admission == null) {
        result = SendResult.spared(Duration.ofNanos(policy.remaining(peer, nowNanos)));
      } else {
        result = client.send(peer);
        admission.record(result);
      }
      measurements.sent(peer, result, nowNanos);
      if (result.kind() == Kind.SPARED) {
        postponedSends.add(peer, System.nanoTime() + result.retryAfter().toNanos());
        return false;
      }
      return true;
    }
  }
}
