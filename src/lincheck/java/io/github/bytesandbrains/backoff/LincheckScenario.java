package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/** Operations that {@link LincheckTest} mixes, on a table or on its specification. */
public abstract class LincheckScenario {
  /** A unit of time, longer than the rounding of the horizon, which then gives some answers. */
  private static final long UNIT = 1L << 24;

  private static final Options PATIENT =
      new Options(UNIT, 4 * UNIT, 3 * UNIT, UNIT, Long.MAX_VALUE);

  /** A peer that failed at 0 is idle at {@link #NOW}; one that fails at NOW is not. */
  private static final Options FORGETFUL = new Options(UNIT, 4 * UNIT, 3 * UNIT, UNIT, UNIT);

  /** So close to 0 that only a clean-up evicts. */
  private static final long NOW = 4 * UNIT;

  private static final Integer PEER = 0;

  /** Makes the table under test. */
  static Function<Options, ConcurrentTableAdapter<Integer>> subject = LincheckScenario::library;

  static ConcurrentTableAdapter<Integer> library(Options options) {
    return new ConcurrentTableAdapter<>(options, 1_000);
  }

  final BackoffOperations<Integer> table;
  final @Nullable PermitOperations[] permits = new PermitOperations[8]; // of each thread

  LincheckScenario(BackoffOperations<Integer> table) {
    this.table = table;
  }

  private static ConcurrentTableAdapter<Integer> subject(Options options) {
    ConcurrentTableAdapter<Integer> table = subject.apply(options);
    table.clock(NOW, false);
    return table;
  }

  final boolean acquires(int thread, long nowNanos) { // constructors call it
    Optional<? extends PermitOperations> permit = table.tryAcquire(PEER, nowNanos);
    if (permit.isPresent()) {
      permits[thread] = permit.get();
    }
    return permit.isPresent();
  }

  /** Each peer in the map is in the index once; otherwise nothing would ever evict it. */
  @Validate
  public void validate() {
    if (table instanceof ConcurrentTableAdapter<Integer> library) {
      String inconsistency = library.inconsistency();
      if (!inconsistency.isEmpty()) {
        throw new AssertionError(inconsistency);
      }
    }
  }

  /** Recording and queries. */
  @Param(name = "peer", gen = IntGen.class, conf = "0:1")
  @Param(name = "time", gen = IntGen.class, conf = "0:3")
  public static class Recording extends LincheckScenario {
    public Recording() {
      this(subject(PATIENT));
    }

    private Recording(BackoffOperations<Integer> table) {
      super(table);
    }

    @Operation
    public String failure(@Param(name = "peer") int peer, @Param(name = "time") int time) {
      return table.recordFailure(peer, time * UNIT).toString();
    }

    @Operation
    public String advisory(
        @Param(name = "peer") int peer,
        @Param(name = "time") int time,
        @Param(name = "time") int units) {
      return table.recordRemoteAdvisory(peer, time * UNIT, units * UNIT).toString();
    }

    @Operation
    public boolean success(@Param(name = "peer") int peer) {
      return table.recordSuccess(peer);
    }

    @Operation
    public void restore(@Param(name = "peer") int peer, @Param(name = "time") int time) {
      table.restoreState(peer, new BackoffState(time, time * UNIT, (time + 1) * UNIT));
    }

    @Operation
    public boolean shouldRetry(@Param(name = "peer") int peer, @Param(name = "time") int time) {
      return table.shouldRetry(peer, time * UNIT);
    }

    @Operation
    public long remaining(@Param(name = "peer") int peer, @Param(name = "time") int time) {
      return table.remaining(peer, time * UNIT);
    }

    @Operation
    public String state(@Param(name = "peer") int peer) {
      return table.state(peer).toString();
    }

    public static final class Specified extends Recording {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** The horizon: what a thread may do with a peer that it has seen fail. */
  @Param(name = "time", gen = IntGen.class, conf = "0:1")
  public static class Horizon extends LincheckScenario {
    public Horizon() {
      this(subject(PATIENT));
    }

    private Horizon(BackoffOperations<Integer> table) {
      super(table);
    }

    @Operation
    public String failure(@Param(name = "time") int time) {
      return table.recordFailure(PEER, time * UNIT).toString();
    }

    @Operation
    public boolean shouldRetry(@Param(name = "time") int time) {
      return table.shouldRetry(PEER, time * UNIT);
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }

    public static final class Specified extends Horizon {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** A peer that alternates between failure and success, and stays in the index. */
  public static class Flapping extends LincheckScenario {
    public Flapping() {
      this(subject(PATIENT));
    }

    private Flapping(BackoffOperations<Integer> table) {
      super(table);
      table.recordFailure(PEER, NOW);
    }

    @Operation
    public String failure() {
      return table.recordFailure(PEER, NOW).toString();
    }

    @Operation
    public boolean success() {
      return table.recordSuccess(PEER);
    }

    public static final class Specified extends Flapping {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** The verbs that move the next retry without an outcome, against outcomes and probes. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "time", gen = IntGen.class, conf = "0:3")
  public static class Steering extends LincheckScenario {
    public Steering() {
      this(subject(PATIENT));
    }

    private Steering(BackoffOperations<Integer> table) {
      super(table);
    }

    @Operation
    public boolean postpone(@Param(name = "time") int time, @Param(name = "time") int units) {
      return table.postpone(PEER, time * UNIT, units * UNIT);
    }

    @Operation
    public boolean expedite(@Param(name = "time") int time) {
      return table.expedite(PEER, time * UNIT);
    }

    @Operation
    public boolean forget() {
      return table.forget(PEER);
    }

    @Operation
    public boolean replaceState(@Param(name = "time") int time) {
      return table.replaceState(PEER, null, new BackoffState(time, 0, time * UNIT));
    }

    @Operation
    public String failure(@Param(name = "time") int time) {
      return table.recordFailure(PEER, time * UNIT).toString();
    }

    @Operation
    public boolean tryAcquire(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      return acquires(thread, time * UNIT);
    }

    @Operation
    public boolean permitFails(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.recordFailure(time * UNIT);
    }

    @Operation
    public boolean isProbing(@Param(name = "time") int time) {
      return table.isProbing(PEER, time * UNIT);
    }

    @Operation
    public long remaining(@Param(name = "time") int time) {
      return table.remaining(PEER, time * UNIT);
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }

    public static final class Specified extends Steering {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /**
   * Permits of one peer. Each thread has one at a time, which it may lose, release, or report more
   * than once. The first thread begins with the probe, the second with a stale permit.
   */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "time", gen = IntGen.class, conf = "1:3")
  public static class Permits extends LincheckScenario {
    public Permits() {
      this(subject(PATIENT));
    }

    private Permits(BackoffOperations<Integer> table) {
      super(table);
      acquires(1, 0);
      table.recordFailure(PEER, 0);
      acquires(0, UNIT);
    }

    @Operation
    public boolean tryAcquire(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      return acquires(thread, time * UNIT);
    }

    @Operation
    public boolean succeeds(@Param(name = "thread") int thread) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.recordSuccess();
    }

    @Operation
    public boolean fails(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.recordFailure(time * UNIT);
    }

    @Operation
    public boolean isAdvised(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.recordRemoteAdvisory(time * UNIT, 2 * UNIT);
    }

    @Operation
    public boolean release(@Param(name = "thread") int thread) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.release();
    }

    @Operation
    public String failure(@Param(name = "time") int time) {
      return table.recordFailure(PEER, time * UNIT).toString();
    }

    @Operation
    public boolean success() {
      return table.recordSuccess(PEER);
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }

    public static final class Specified extends Permits {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** Two permits that all threads may report: the probe of peer 0, and one of a healthy peer 1. */
  @Param(name = "permit", gen = IntGen.class, conf = "0:1")
  public static class Sharing extends LincheckScenario {
    public Sharing() {
      this(subject(PATIENT));
    }

    private Sharing(BackoffOperations<Integer> table) {
      super(table);
      table.recordFailure(0, 0);
      permits[0] = table.tryAcquire(0, NOW).orElseThrow();
      permits[1] = table.tryAcquire(1, NOW).orElseThrow();
    }

    private PermitOperations permit(int permit) {
      return requireNonNull(permits[permit]);
    }

    @Operation
    public boolean succeeds(@Param(name = "permit") int permit) {
      return permit(permit).recordSuccess();
    }

    @Operation
    public boolean fails(@Param(name = "permit") int permit) {
      return permit(permit).recordFailure(NOW);
    }

    @Operation
    public boolean isAdvised(@Param(name = "permit") int permit) {
      return permit(permit).recordRemoteAdvisory(NOW, 2 * UNIT);
    }

    @Operation
    public boolean release(@Param(name = "permit") int permit) {
      return permit(permit).release();
    }

    @Operation
    public String failure(@Param(name = "permit") int permit) {
      return table.recordFailure(permit, NOW).toString();
    }

    @Operation
    public String state(@Param(name = "permit") int permit) {
      return table.state(permit).toString();
    }

    public static final class Specified extends Sharing {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** One peer that is idle at first, and evicted unless something is recorded. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  public static class Evicting extends LincheckScenario {
    public Evicting() {
      this(subject(FORGETFUL));
    }

    private Evicting(BackoffOperations<Integer> table) {
      super(table);
      table.recordFailure(PEER, 0);
    }

    @Operation
    public void cleanUp() {
      table.cleanUp(NOW);
    }

    @Operation
    public String failure() {
      return table.recordFailure(PEER, NOW).toString();
    }

    @Operation
    public boolean success() {
      return table.recordSuccess(PEER);
    }

    @Operation
    public boolean postpone() {
      return table.postpone(PEER, NOW, UNIT);
    }

    @Operation
    public boolean tryAcquire(@Param(name = "thread") int thread) {
      return acquires(thread, NOW);
    }

    @Operation
    public boolean fails(@Param(name = "thread") int thread) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.recordFailure(NOW);
    }

    @Operation
    public boolean release(@Param(name = "thread") int thread) {
      PermitOperations permit = permits[thread];
      return permit != null && permit.release();
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }

    public static final class Specified extends Evicting {
      public Specified() {
        super(new SequentialBackoffTable<>(FORGETFUL));
      }
    }
  }
}
