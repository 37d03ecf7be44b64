package io.github.bytesandbrains.backoff.demo.workload;

import io.github.bytesandbrains.backoff.demo.measure.Tally;
import io.github.bytesandbrains.backoff.demo.network.Client;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import io.github.bytesandbrains.backoff.demo.workload.Policy.Admission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  public static final Duration PAUSE = Duration.ofMillis(4);

  /** Keeps workers from spinning when there is nobody to send to. */
  private static final long SPARED_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final PostponedSends postponedSends = new PostponedSends();
  private final PeerSelector selector;
  private final Policy policy;
  private final Client client;
  private final Tally tally;
  private final Duration pause;
  private final SplittableRandom random;

  /** A worker that waits for the pause after each send. */
  public Worker(
      PeerSelector selector,
      Policy policy,
      Client client,
      Tally tally,
      Duration pause,
      SplittableRandom random) {
    this.selector = selector;
    this.policy = policy;
    this.client = client;
    this.tally = tally;
    this.pause = pause;
    this.random = random;
  }

  /** What happens while workers send. */
  public interface Course {
    void take() throws InterruptedException;
  }

  /** Lets each worker send in a thread of its own until the course has been taken. */
  public static void whileSending(List<Worker> workers, Course course)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(workers.size());
    List<Future<?>> running = new ArrayList<>();
    try {
      workers.forEach(worker -> running.add(threads.submit(worker)));
      course.take();
    } finally {
      threads.shutdownNow(); // a worker ends with its send
      threads.awaitTermination(1, TimeUnit.MINUTES);
    }
    for (Future<?> worker : running) {
      worker.get(); // throws what the worker threw
    }
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(step(System.nanoTime()) ? pause.toNanos() : SPARED_PAUSE_NANOS);
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
      tally.sent(peer, result, nowNanos);
      if (result.kind() == Kind.SPARED) {
        postponedSends.add(peer, System.nanoTime() + result.retryAfter().toNanos());
        return false;
      }
      return true;
    }
  }
}
