package io.github.bytesandbrains.backoff.benchmarks.workload;

import dev.failsafe.CircuitBreaker;
import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.BareMap;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.impl.StepLoop;
import io.github.bytesandbrains.backoff.benchmarks.impl.ThisTable;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the table does for one send, and what that is compared with: a permit and its outcome, or
 * the first failure of a new peer. Breakers do more, because they count a success.
 */
public enum SendWorkload {
  /** A send to an untracked peer succeeds. */
  SUCCESS(SendWorkload::success),
  SUCCESS_OF_FAILSAFE(SendWorkload::successOfFailsafe),
  SUCCESS_OF_RESILIENCE4J(SendWorkload::successOfResilience4j),
  /** A send to a cooling peer is denied. */
  DENIAL(SendWorkload::denial),
  /** The probe of a due peer fails. */
  PROBE_FAILURE(SendWorkload::probeFailure),
  /** What a failed probe writes, to a bare map: a lease, and then a state. */
  TWO_COMPUTES(SendWorkload::twoComputes),
  /** A new peer enters a table that has room: an empty one takes over whenever it is filled. */
  NEW_PEER(() -> newPeers(10_000, 10_000, ThisTable::new)),
  NEW_PEER_OF_BARE_MAP(() -> newPeers(10_000, 10_000, BareMap::new)),
  /** A new peer enters a full table, so that another one has to leave. */
  FLOOD(SendWorkload::flood),
  /** As many different peers in a map that never exceeds the bound. */
  FLOOD_OF_BARE_MAP(() -> newPeers(SendWorkload.FLOODING_PEERS, SendWorkload.BOUND, BareMap::new));

  /** The bound of a table in a flood, large enough for cohorts of full size. */
  public static final int BOUND = 100_000;

  /** The peers of a flood. When the first one returns, a full table has forgotten it. */
  public static final int FLOODING_PEERS = 5 * BOUND;

  private static final String[] PEERS = Peers.tracked(1_000);
  private static final String[] SEQUENCE = Peers.Order.SHUFFLED.of(PEERS);

  /** One step of the time, so that each peer is due when its turn comes again. */
  private static final Duration DELAY = Duration.ofNanos(BackoffImpl.STEP_NANOS);

  private final Supplier<Workload> create;

  SendWorkload(Supplier<Workload> create) {
    this.create = create;
  }

  /** The work, on a table, a map or breakers of its own. */
  public Workload create() {
    return create.get();
  }

  /** The operations after which the work begins again. */
  public int lap() {
    return switch (this) {
      case NEW_PEER, NEW_PEER_OF_BARE_MAP -> 10_000;
      case FLOOD, FLOOD_OF_BARE_MAP -> FLOODING_PEERS;
      default -> SEQUENCE.length;
    };
  }

  public static ConcurrentBackoffTable<String> boundedTable() {
    return ConcurrentBackoffTable.builder().maximumPeers(BOUND).build();
  }

  private static Workload workload(StepLoop.Step step) {
    StepLoop loop = StepLoop.create();
    return Workload.over(
        SEQUENCE, 0, PeerSlice.SOON, BackoffImpl.STEP_NANOS, slice -> loop.run(step, slice));
  }

  private static Workload success() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    return workload(
        (peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordSuccess() ? 1 : 0);
  }

  private static Workload successOfFailsafe() {
    ConcurrentHashMap<String, CircuitBreaker<Object>> breakers = new ConcurrentHashMap<>();
    for (String peer : PEERS) {
      breakers.put(peer, CircuitBreaker.ofDefaults());
    }
    return workload((peer, now) -> {
      CircuitBreaker<Object> breaker = breakers.get(peer);
      long admitted = breaker.tryAcquirePermit() ? 1 : 0;
      breaker.recordSuccess();
      return admitted;
    });
  }

  private static Workload successOfResilience4j() {
    CircuitBreakerRegistry registry = CircuitBreakerRegistry.ofDefaults();
    return workload((peer, now) -> {
      var breaker = registry.circuitBreaker(peer);
      long admitted = breaker.tryAcquirePermission() ? 1 : 0;
      breaker.onSuccess(1, TimeUnit.NANOSECONDS);
      return admitted;
    });
  }

  private static Workload denial() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create();
    for (String peer : PEERS) {
      table.restoreState(peer, new BackoffState(1, PeerSlice.START, PeerSlice.LATER));
    }
    return workload((peer, now) -> table.tryAcquire(peer, PeerSlice.SOON).isPresent() ? 1 : 2);
  }

  private static Workload probeFailure() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(DELAY, DELAY))
        .idleTimeout(Duration.ofDays(1))
        .build();
    for (String peer : PEERS) {
      table.recordFailure(peer, PeerSlice.START);
    }
    Workload workload = workload(
        (peer, now) -> table.tryAcquire(peer, now).orElseThrow().recordFailure(now) ? 1 : 0);
    workload.run(SEQUENCE.length);
    long failed = table.stats().failedProbes();
    if (failed != SEQUENCE.length) {
      throw new IllegalStateException(
          "failed probes: " + failed + " (expected: " + SEQUENCE.length + ")");
    }
    return workload;
  }

  private static Workload twoComputes() {
    ConcurrentHashMap<String, BackoffState> map = new ConcurrentHashMap<>();
    return workload((peer, now) -> {
      map.compute(peer, (p, state) -> BackoffImpl.afterFailure(state, now));
      return map.compute(peer, (p, state) -> BackoffImpl.afterFailure(state, now))
          .nextRetryNanos();
    });
  }

  private static Workload flood() {
    BackoffImpl<String> full = new ThisTable<>(boundedTable());
    Workload workload = newPeers(FLOODING_PEERS, FLOODING_PEERS, () -> full);
    workload.run(BOUND);
    return workload;
  }

  /**
   * Goes through the peers again and again; an empty implementation takes over after each round.
   */
  private static Workload newPeers(int peers, int round, Supplier<BackoffImpl<String>> create) {
    return new Workload() {
      private final Workload records = Workload.over(
          Peers.tracked(peers), 0, PeerSlice.START, BackoffImpl.STEP_NANOS, this::record);
      private BackoffImpl<String> impl = create.get();
      private int recorded;

      @Override
      public long run(int operations) {
        return records.run(operations);
      }

      private long record(PeerSlice<String> slice) {
        if (recorded + slice.count() > round) {
          impl = create.get();
          recorded = 0;
        }
        recorded += slice.count();
        return impl.recordFailure(slice);
      }
    };
  }
}
