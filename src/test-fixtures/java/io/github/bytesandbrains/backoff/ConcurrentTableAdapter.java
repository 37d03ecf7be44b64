package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The library's table, to be compared with its specification. */
class ConcurrentTableAdapter<P> implements BackoffOperations<P> {
  final ConcurrentBackoffTable<P> table;
  private final FakeClock clock = new FakeClock();
  private boolean clockForm;

  ConcurrentTableAdapter(SequentialBackoffTable.Options options, long maximumPeers) {
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

  /** Sets the clock, and whether the methods below call the forms that read it. */
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
  public boolean postpone(P peer, long nowNanos, long delayNanos) {
    return clockForm
        ? table.postpone(peer, Duration.ofNanos(delayNanos))
        : table.postpone(peer, nowNanos, delayNanos);
  }

  @Override
  public boolean expedite(P peer, long nowNanos) {
    return clockForm ? table.expedite(peer) : table.expedite(peer, nowNanos);
  }

  @Override
  public boolean forget(P peer) {
    return table.forget(peer);
  }

  @Override
  public void restoreState(P peer, BackoffState state) {
    table.restoreState(peer, state);
  }

  @Override
  public boolean replaceState(
      P peer, @Nullable BackoffState expected, @Nullable BackoffState next) {
    return table.replaceState(peer, expected, next);
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
  public boolean isProbing(P peer, long nowNanos) {
    return clockForm ? table.isProbing(peer) : table.isProbing(peer, nowNanos);
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
  public Optional<PermitOperations> tryAcquire(P peer, long nowNanos) {
    return (clockForm ? table.tryAcquire(peer) : table.tryAcquire(peer, nowNanos))
        .map(AdaptedPermit::new);
  }

  @Override
  public void cleanUp(long nowNanos) {
    if (clockForm) {
      table.cleanUp();
    } else {
      table.cleanUp(nowNanos);
    }
  }

  /** Whether the map holds anything for the peer, if only the marker of a recovery. */
  public boolean holds(P peer) {
    return table.map.get(peer) != null;
  }

  /** The number of peers in the map, recovered ones included. */
  public long held() {
    return table.map.mappings();
  }

  /** Returns what is inconsistent, or an empty string. No other thread may be using the table. */
  public String inconsistency() {
    Set<P> mapped = IndexAssertions.mapped(table);
    List<P> indexed = table.index.peers();
    if (indexed.size() != mapped.size() || !mapped.equals(Set.copyOf(indexed))) {
      return "in the map: " + mapped + ", in the index: " + indexed;
    }
    return table.size() == table.snapshot().size()
        ? ""
        : "size: " + table.size() + ", tracked: " + table.snapshot();
  }

  final class AdaptedPermit implements PermitOperations {
    final Permit permit;

    AdaptedPermit(Permit permit) {
      this.permit = permit;
    }

    @Override
    public boolean recordSuccess() {
      return permit.recordSuccess();
    }

    @Override
    public boolean recordFailure(long nowNanos) {
      return clockForm ? permit.recordFailure() : permit.recordFailure(nowNanos);
    }

    @Override
    public boolean recordRemoteAdvisory(long nowNanos, long minBackoffNanos) {
      return clockForm
          ? permit.recordRemoteAdvisory(Duration.ofNanos(minBackoffNanos))
          : permit.recordRemoteAdvisory(nowNanos, minBackoffNanos);
    }

    @Override
    public boolean release() {
      return permit.release();
    }
  }
}
