package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/** Operations for {@link LincheckTest} to mix: each kind on a table of its own, or as specified. */
public abstract class Scenario {
  /** A unit of time: more than a horizon is rounded up by, so that some questions end there. */
  private static final long UNIT = 1L << 24;

  private static final Options PATIENT =
      new Options(UNIT, 4 * UNIT, 3 * UNIT, UNIT, Long.MAX_VALUE);

  /** Who failed at 0 is idle at {@link #NOW}, who fails at NOW is not. */
  private static final Options FORGETFUL = new Options(UNIT, 4 * UNIT, 3 * UNIT, UNIT, UNIT);

  /** So near to 0 that the index evicts nobody by itself, but only when it cleans up. */
  private static final long NOW = 4 * UNIT;

  private static final Integer PEER = 0;

  /** Makes the table that is checked. */
  static Function<Options, LibraryTable<Integer>> subject = Scenario::library;

  static LibraryTable<Integer> library(Options options) {
    return new LibraryTable<>(options, 1_000);
  }

  final BackoffOperations<Integer> table;
  final @Nullable Ticket[] attempts = new Ticket[8]; // of each thread

  Scenario(BackoffOperations<Integer> table) {
    this.table = table;
  }

  private static LibraryTable<Integer> subject(Options options) {
    LibraryTable<Integer> table = subject.apply(options);
    table.clock(NOW, false);
    return table;
  }

  final boolean acquires(int thread, long nowNanos) { // constructors call it
    Optional<? extends Ticket> attempt = table.tryAcquire(PEER, nowNanos);
    if (attempt.isPresent()) {
      attempts[thread] = attempt.get();
    }
    return attempt.isPresent();
  }

  /** No state is without an entry in the index, or nothing would ever evict it. */
  @Validate
  public void validate() {
    if (table instanceof LibraryTable<Integer> library) {
      String flaws = library.flaws(NOW);
      if (!flaws.isEmpty()) {
        throw new AssertionError(flaws);
      }
    }
  }

  /** Recording and asking. */
  @Param(name = "peer", gen = IntGen.class, conf = "0:1")
  @Param(name = "time", gen = IntGen.class, conf = "0:3")
  public static class Recording extends Scenario {
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

  /** What a thread is told of a peer that it has seen to fail: the horizon. */
  @Param(name = "time", gen = IntGen.class, conf = "0:1")
  public static class Seeing extends Scenario {
    public Seeing() {
      this(subject(PATIENT));
    }

    private Seeing(BackoffOperations<Integer> table) {
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

    public static final class Specified extends Seeing {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** A peer that fails and succeeds by turns, and leaves its entry in the index each time. */
  public static class Flapping extends Scenario {
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

  /**
   * Attempts at one peer. Each thread has one at a time, which it may lose or tell twice: the first
   * begins with the probe, the second with an attempt that is stale.
   */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "time", gen = IntGen.class, conf = "1:2")
  public static class Attempting extends Scenario {
    public Attempting() {
      this(subject(PATIENT));
    }

    private Attempting(BackoffOperations<Integer> table) {
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
    public boolean succeeded(@Param(name = "thread") int thread) {
      Ticket attempt = attempts[thread];
      return attempt != null && attempt.succeeded();
    }

    @Operation
    public boolean failed(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      Ticket attempt = attempts[thread];
      return attempt != null && attempt.failed(time * UNIT);
    }

    @Operation
    public boolean advised(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      Ticket attempt = attempts[thread];
      return attempt != null && attempt.advised(time * UNIT, 2 * UNIT);
    }

    @Operation
    public boolean abandoned(@Param(name = "thread") int thread) {
      Ticket attempt = attempts[thread];
      return attempt != null && attempt.abandoned();
    }

    @Operation
    public String failure(@Param(name = "time") int time) {
      return table.recordFailure(PEER, time * UNIT).toString();
    }

    @Operation
    public void restore(@Param(name = "time") int time) {
      table.restoreState(PEER, new BackoffState(1, time * UNIT, (time + 1) * UNIT));
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }

    public static final class Specified extends Attempting {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** Two attempts that all threads may tell: the probe of peer 0, and one at peer 1, not tracked. */
  @Param(name = "attempt", gen = IntGen.class, conf = "0:1")
  public static class Sharing extends Scenario {
    public Sharing() {
      this(subject(PATIENT));
    }

    private Sharing(BackoffOperations<Integer> table) {
      super(table);
      table.recordFailure(0, 0);
      attempts[0] = table.tryAcquire(0, NOW).orElseThrow();
      attempts[1] = table.tryAcquire(1, NOW).orElseThrow();
    }

    private Ticket attempt(int attempt) {
      return requireNonNull(attempts[attempt]);
    }

    @Operation
    public boolean succeeded(@Param(name = "attempt") int attempt) {
      return attempt(attempt).succeeded();
    }

    @Operation
    public boolean failed(@Param(name = "attempt") int attempt) {
      return attempt(attempt).failed(NOW);
    }

    @Operation
    public boolean advised(@Param(name = "attempt") int attempt) {
      return attempt(attempt).advised(NOW, 2 * UNIT);
    }

    @Operation
    public boolean abandoned(@Param(name = "attempt") int attempt) {
      return attempt(attempt).abandoned();
    }

    @Operation
    public String state(@Param(name = "attempt") int attempt) {
      return table.state(attempt).toString();
    }

    public static final class Specified extends Sharing {
      public Specified() {
        super(new SequentialBackoffTable<>(PATIENT));
      }
    }
  }

  /** One peer that is idle at first, and evicted unless it is recorded. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  public static class Evicting extends Scenario {
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
    public boolean tryAcquire(@Param(name = "thread") int thread) {
      return acquires(thread, NOW);
    }

    @Operation
    public boolean abandoned(@Param(name = "thread") int thread) {
      Ticket attempt = attempts[thread];
      return attempt != null && attempt.abandoned();
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
