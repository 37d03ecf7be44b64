package io.github.bytesandbrains.backoff.redis;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shares what a table learns with the same table of other processes, the <em>nodes</em>, through a
 * stream of Redis or Valkey, their <em>log</em>. Asking stays local: what is learned is written
 * into the table, and no thread that records or asks ever waits for Redis. Without Redis, each
 * table continues by itself.
 *
 * <p><b>Votes.</b> When a failure with a delay of at least 200 ms is recorded, this node votes: it
 * publishes the failure and the delay. Advisories and postponements are not published, because they
 * concern this node alone. Holds are not published either.
 *
 * <p><b>Holds.</b> When a quorum of distinct nodes leaves a peer alone, the others adopt a hold:
 * they postpone the peer until shortly after those nodes try it again, and for {@code maxAdopted}
 * at most. Then a node tries the peer itself before it adopts another hold. If that succeeds while
 * the others still vote, the others may be cut off: it adopts no hold of that peer for 5 minutes,
 * or until a recovery shows that they reach it, which it believes once in that time.
 *
 * <p><b>Recovery.</b> When a peer works again for which this node voted, it publishes a recovery.
 * The others end the hold that they adopted. If they failed themselves, they move their next probe
 * ahead, but once in 5 minutes at most. Both happen after a random part of 250 ms, and each node
 * admits one probe. A delay that the peer requested, or that the caller imposed, stays.
 *
 * <p><b>Trust.</b> Anyone who may write to the key can postpone peers, for {@code maxAdopted} at a
 * time. What is read is bounded: names have up to 256 bytes, and about 100,000 votes are
 * remembered. Invalid input is counted and ignored.
 *
 * <p>Each sharing has two daemon threads and two connections. Thread-safe.
 *
 * @param <P> the type of the peers
 */
public final class RedisSharing<P> implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(RedisSharing.class.getPackageName());

  /** What is recorded within this time is one entry. */
  private static final long TICK_NANOS = Duration.ofMillis(25).toNanos();

  private static final long STOP_MILLIS = 500;

  private static final BackoffSchedule RETRIES = BackoffSchedule.exponential(
          Duration.ofMillis(100), Duration.ofSeconds(2))
      .withJitter(Jitter.equal());

  private final String key;
  private final Counts counts = new Counts();
  private final Semaphore work = new Semaphore(0);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final SharingLog log;
  private final Sharer<P> sharer;
  private final AutoCloseable listener;
  private final Worker reader;
  private final Worker publisher;

  /** Does one thing again and again, in a thread of its own; later if it fails. */
  private final class Worker implements Runnable {
    private final String verb;
    private final Runnable step;
    private final Thread thread = new Thread(this, "backoff-sharing");
    private volatile boolean works;

    Worker(String verb, Runnable step) {
      this.verb = verb;
      this.step = step;
    }

    void start() {
      thread.setDaemon(true);
      thread.start();
    }

    /** Connecting cannot be cancelled otherwise; it would hang if the client is shut down next. */
    void stop() {
      try {
        thread.join(STOP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread.interrupt();
    }

    @Override
    public void run() {
      int failures = 0;
      while (isOpen()) {
        try {
          step.run();
          if (failures > 0 && isOpen()) {
            log(System.Logger.Level.INFO, "Can " + verb + " " + key + " again", null);
          }
          failures = 0;
          works = true;
        } catch (Throwable e) { // an error, too, must not end what nobody would start again
          works = false;
          failures++;
          if (failures == 1 && isOpen()) {
            log(System.Logger.Level.WARNING, "Cannot " + verb + " " + key, e);
          }
          pause(RETRIES.delayNanos(failures));
        }
      }
    }

    private void log(System.Logger.Level level, String message, @Nullable Throwable thrown) {
      try {
        LOGGER.log(level, message, thrown);
      } catch (Throwable e) {
        // A logger that throws must not end the thread either.
      }
    }
  }

  RedisSharing(RedisSharingBuilder<P> builder, SharingLog log) {
    this.log = log;
    key = builder.key();
    sharer = new Sharer<>(builder, log, counts, this::wakeUp);
    listener = builder.table.addListener(sharer);
    reader = new Worker("read", sharer::read);
    publisher = new Worker("append to", this::publish);
    reader.start();
    publisher.start();
  }

  /**
   * Returns a builder for the sharing of a table. The threads of the sharing call both functions;
   * a report for which one of them throws is dropped.
   *
   * @param client connects to Redis, with its credentials and options; it stays open and is not
   *     changed
   * @param name returns the name of a peer, up to 256 bytes of UTF-8; a longer one is not shared
   * @param peer returns the peer with that name, or null if this node does not know it
   */
  public static <P> RedisSharingBuilder<P> builder(
      ConcurrentBackoffTable<P> table,
      RedisClient client,
      Function<? super P, String> name,
      Function<? super String, ? extends @Nullable P> peer) {
    return new RedisSharingBuilder<>(table, client, name, peer);
  }

  /** Called by the threads that record: most of them find that it is done. */
  private void wakeUp() {
    if (work.availablePermits() == 0) {
      work.release();
    }
  }

  private void publish() {
    awaitWork();
    pause(TICK_NANOS);
    work.drainPermits();
    if (isOpen()) {
      sharer.publish();
    }
  }

  private void awaitWork() {
    try {
      boolean unused = work.tryAcquire(1, SECONDS);
    } catch (InterruptedException e) {
      // Only a worker that is to stop is interrupted.
    }
  }

  private boolean isOpen() {
    return closed.getCount() > 0;
  }

  private void pause(long nanos) {
    try {
      boolean unused = closed.await(nanos, NANOSECONDS);
    } catch (InterruptedException e) {
      // As above.
    }
  }

  /** Returns the counts since the start, and the present state of the connection. */
  public RedisSharingStats stats() {
    return new RedisSharingStats(sharer.isReading() && publisher.works, sharer.lag(), counts);
  }

  /**
   * Stops sharing, and closes its connections. Holds that were adopted end at their time.
   */
  @Override
  public void close() {
    closed.countDown();
    work.release();
    try {
      listener.close();
      log.close();
    } catch (Exception e) {
      throw new IllegalStateException(e); // neither does
    } finally {
      reader.stop();
      publisher.stop();
    }
  }
}
