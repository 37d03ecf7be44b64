package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The library's table, to be compared with others. */
class LibraryTable<P> implements BackoffOperations<P> {
  final ConcurrentBackoffTable<P> table;
  private final FakeClock clock = new FakeClock();
  private boolean clockForm;

  LibraryTable(SequentialBackoffTable.Options options, long maximumPeers) {
    table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(
            Duration.ofNanos(options.initialDelay()), Duration.ofNanos(options.maxDelay())))
        .maxAdvisory(Duration.ofNanos(options.maxAdvisory()))
        .probeLease(Duration.ofNanos(options.probeLease()))
        .idleTimeout(Duration.ofNanos(options.idleTimeout()))
        .maximumPeers(maximumPeers)
        .nanoTime(clock)
        .build();
  }

  /** Sets the clock, and whether the forms that read it are called from now on. */
  public void clock(long nowNanos, boolean clockForm) {
    clock.set(nowNanos);
    this.clockForm = clockForm;
  }

  @Override
  public BackoffState recordFailure(P peer, long nowNanos) {
    return clockForm ? table.recordFailure(peer) : table.recordFailure(peer, nowNanos);
  }

  @Override
  public BackoffState recordRemoteAdvisory(P peer, long nowNanos, long minBackoffNanos) {
    return clockForm
        ? table.recordRemoteAdvisory(peer, Duration.ofNanos(minBackoffNanos))
        : table.recordRemoteAdvisory(peer, nowNanos, minBackoffNanos);
  }

  @Override
  public boolean recordSuccess(P peer) {
    return table.recordSuccess(peer);
  }

  @Override
  public void restoreState(P peer, BackoffState state) {
    table.restoreState(peer, state);
  }

  @Override
  public boolean shouldRetry(P peer, long nowNanos) {
    return clockForm ? table.shouldRetry(peer) : table.shouldRetry(peer, nowNanos);
  }

  @Override
  public long remaining(P peer, long nowNanos) {
    return clockForm ? table.remaining(peer).toNanos() : table.remaining(peer, nowNanos);
  }

  @Override
  public Optional<BackoffState> state(P peer) {
    return table.state(peer);
  }

  @Override
  public int size() {
    return table.size();
  }

  @Override
  public Map<P, BackoffState> snapshot() {
    return table.snapshot();
  }

  @Override
  public Optional<Ticket> tryAcquire(P peer, long nowNanos) {
    return (clockForm ? table.tryAcquire(peer) : table.tryAcquire(peer, nowNanos)).map(Told::new);
  }

  @Override
  public void cleanUp(long nowNanos) {
    if (clockForm) {
      table.cleanUp();
    } else {
      table.cleanUp(nowNanos);
    }
  }

  /** What is wrong within once who is idle is gone; empty if nothing is. For when nobody is at work. */
  public String flaws(long nowNanos) {
    table.cleanUp(nowNanos);
    Set<P> tracked = table.map.keySet();
    List<P> indexed = table.index.peers();
    return indexed.size() == tracked.size() && tracked.equals(Set.copyOf(indexed))
        ? ""
        : "not the same peers in the map, " + tracked + ", and in the index, " + indexed;
  }

  private final class Told implements Ticket {
    private final Attempt attempt;

    Told(Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public boolean succeeded() {
      return attempt.succeeded();
    }

    @Override
    public boolean failed(long nowNanos) {
      return clockForm ? attempt.failed() : attempt.failed(nowNanos);
    }

    @Override
    public boolean advised(long nowNanos, long minBackoffNanos) {
      return clockForm
          ? attempt.advised(Duration.ofNanos(minBackoffNanos))
          : attempt.advised(nowNanos, minBackoffNanos);
    }

    @Override
    public boolean abandoned() {
      return attempt.abandoned();
    }
  }
}
