package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One transport worker: draws a peer, asks, sends, records; until it is interrupted. A send that is
 * spared is not dropped but postponed, as in a transport that has something to deliver. So when a
 * cooldown ends, several workers want the same peer at once.
 */
final class Worker implements Runnable {
  /** Far beyond what a reply takes here, so that only a hung peer lets it pass. */
  static final Duration TIMEOUT = Duration.ofMillis(150);

  /**
   * The pace of one worker. It leaves the processor to spare with all workers sending, so that the
   * figures tell how workers are held up, not how fast this machine is.
   */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  /** A spared send costs little time, but some: with nobody else to send to, workers would spin. */
  private static final long SPARED_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final int REQUEST_LENGTH = 64;

  private final Backlog backlog = new Backlog();
  private final Client client = new Client(TIMEOUT);
  private final Run run;
  private final Policy policy;
  private final SplittableRandom random;

  Worker(Run run, Policy policy, SplittableRandom random) {
    this.run = run;
    this.policy = policy;
    this.random = random;
  }

  @Override
  public void run() {
    try (policy) {
      while (!Thread.currentThread().isInterrupted()) {
        step();
      }
    }
  }

  private void step() {
    long now = System.nanoTime();
    Peer postponed = backlog.takeDue(now);
    Peer peer = postponed != null ? postponed : run.draws().next(random);
    if (policy.admits(peer, now)) {
      byte[] request = new byte[REQUEST_LENGTH];
      random.nextBytes(request);
      Outcome outcome = client.send(peer.address(), request);
      policy.record(peer, outcome);
      run.measurements().sent(peer, outcome, now);
      LockSupport.parkNanos(PAUSE_NANOS);
    } else {
      backlog.postpone(peer, now + policy.remaining(peer, now));
      run.measurements().spared();
      LockSupport.parkNanos(SPARED_PAUSE_NANOS);
    }
  }
}
