package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Optional;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Linearizable: whatever threads do at once, there is an order of their operations in which {@link
 * SequentialBackoffTable} answers alike. Lincheck makes up the operations and, in the tests called
 * model checking, decides after which access to shared memory the threads switch.
 *
 * <p>A checker that finds nothing may be blind, so beside each check stand tables that are wrong in
 * one line, which it must catch. {@code -Dlincheck.scale=10} makes ten times as many scenarios of the
 * tables that are right.
 *
 * <p>Left out: one attempt told by two threads at once; and eviction by idleness and by size, where
 * the specification would have to allow too much to find anything.
 */
@Tag("slow")
final class LincheckTest {
  private static final int SCALE = Integer.getInteger("lincheck.scale", 1);

  /** Enough for a model checker to catch each of the wrong tables, so no more for the right ones. */
  private static final int SCENARIOS = 16;

  /** Stress leaves more to luck: scenarios, at most, in which it must catch a wrong table. */
  private static final int WRONG = 400;

  /** A unit of time: more than a horizon is rounded up by, so that some questions end there. */
  private static final long UNIT = 1L << 24;

  private static final Options OPTIONS =
      new Options(UNIT, 4 * UNIT, 3 * UNIT, UNIT, Long.MAX_VALUE);

  // The operations

  /** Recording and asking. */
  @Param(name = "peer", gen = IntGen.class, conf = "0:1")
  @Param(name = "time", gen = IntGen.class, conf = "0:3")
  public abstract static class Recording {
    final BackoffOperations<Integer> table;

    Recording(BackoffOperations<Integer> table) {
      this.table = table;
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
    public boolean shouldRetry(@Param(name = "peer") int peer, @Param(name = "time") int time) {
      return table.shouldRetry(peer, time * UNIT);
    }

    @Operation
    public String state(@Param(name = "peer") int peer) {
      return table.state(peer).toString();
    }
  }

  /** What a thread is told of a peer that it has seen to fail. */
  @Param(name = "time", gen = IntGen.class, conf = "0:1")
  public abstract static class Seeing {
    private static final Integer PEER = 0;

    final BackoffOperations<Integer> table;

    Seeing(BackoffOperations<Integer> table) {
      this.table = table;
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
  }

  /**
   * Attempts at one peer that has failed at 0; each thread has one at a time, and may lose it or tell
   * it twice.
   */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "time", gen = IntGen.class, conf = "1:3")
  public abstract static class Attempting {
    private static final Integer PEER = 0;

    final BackoffOperations<Integer> table;
    private final @Nullable Ticket[] attempts = new Ticket[8];

    Attempting(BackoffOperations<Integer> table) {
      this.table = table;
      table.recordFailure(PEER, 0);
    }

    @Operation
    public boolean tryAcquire(@Param(name = "thread") int thread, @Param(name = "time") int time) {
      Optional<? extends Ticket> attempt = table.tryAcquire(PEER, time * UNIT);
      attempt.ifPresent(ticket -> attempts[thread] = ticket);
      return attempt.isPresent();
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
    public boolean success() {
      return table.recordSuccess(PEER);
    }

    @Operation
    public String state() {
      return table.state(PEER).toString();
    }
  }

  // The tables

  public static final class SpecifiedRecording extends Recording {
    public SpecifiedRecording() {
      super(new SequentialBackoffTable<>(OPTIONS));
    }
  }

  public static final class SpecifiedAttempting extends Attempting {
    public SpecifiedAttempting() {
      super(new SequentialBackoffTable<>(OPTIONS));
    }
  }

  public static final class LibraryRecording extends Recording {
    public LibraryRecording() {
      super(library());
    }
  }

  public static final class LibraryAttempting extends Attempting {
    public LibraryAttempting() {
      super(library());
    }
  }

  public static final class CutDownRecording extends Recording {
    public CutDownRecording() {
      super(new CutDownTable(OPTIONS));
    }
  }

  public static final class CutDownAttempting extends Attempting {
    public CutDownAttempting() {
      super(new CutDownTable(OPTIONS));
    }
  }

  public static final class GetThenPut extends Recording {
    public GetThenPut() {
      super(new CutDownTable.GetThenPut(OPTIONS));
    }
  }

  public static final class SpecifiedSeeing extends Seeing {
    public SpecifiedSeeing() {
      super(new SequentialBackoffTable<>(OPTIONS));
    }
  }

  public static final class LibrarySeeing extends Seeing {
    public LibrarySeeing() {
      super(library());
    }
  }

  public static final class CutDownSeeing extends Seeing {
    public CutDownSeeing() {
      super(new CutDownTable(OPTIONS));
    }
  }

  public static final class HorizonRaisedLate extends Seeing {
    public HorizonRaisedLate() {
      super(new CutDownTable.HorizonRaisedLate(OPTIONS));
    }
  }

  public static final class ProbeForEveryone extends Attempting {
    public ProbeForEveryone() {
      super(new CutDownTable.ProbeForEveryone(OPTIONS));
    }
  }

  public static final class AttemptsCompared extends Attempting {
    public AttemptsCompared() {
      super(new CutDownTable.AttemptsCompared(OPTIONS));
    }
  }

  public static final class OutcomeCheckedBefore extends Attempting {
    public OutcomeCheckedBefore() {
      super(new CutDownTable.OutcomeCheckedBefore(OPTIONS));
    }
  }

  private static BackoffOperations<Integer> library() {
    LibraryTable<Integer> table = new LibraryTable<>(OPTIONS, 1_000_000);
    table.clock(0, false);
    return table;
  }

  // The checks

  @ParameterizedTest
  @ValueSource(classes = {LibraryRecording.class, CutDownRecording.class})
  void recording_modelChecking_isLinearizable(Class<?> table) {
    modelChecking(SpecifiedRecording.class, SCENARIOS * SCALE).check(table);
  }

  @Test
  void recording_modelCheckingGetThenPut_isCaught() {
    assertCaught(modelChecking(SpecifiedRecording.class, SCENARIOS), GetThenPut.class);
  }

  @Test
  void recording_stress_isLinearizable() {
    stress(SpecifiedRecording.class, 10 * SCALE)
        .invocationsPerIteration(300)
        .check(LibraryRecording.class);
  }

  @Test
  void recording_stressingGetThenPut_isCaught() {
    assertCaught(stress(SpecifiedRecording.class, WRONG), GetThenPut.class);
  }

  @ParameterizedTest
  @ValueSource(classes = {LibrarySeeing.class, CutDownSeeing.class})
  void seeing_modelChecking_isLinearizable(Class<?> table) {
    modelChecking(SpecifiedSeeing.class, SCENARIOS * SCALE).actorsBefore(0).check(table);
  }

  @Test
  void seeing_modelCheckingHorizonRaisedLate_isCaught() {
    assertCaught(
        modelChecking(SpecifiedSeeing.class, SCENARIOS).actorsBefore(0), HorizonRaisedLate.class);
  }

  @ParameterizedTest
  @ValueSource(classes = {LibraryAttempting.class, CutDownAttempting.class})
  void attempting_modelChecking_isLinearizable(Class<?> table) {
    modelChecking(SpecifiedAttempting.class, SCENARIOS * SCALE).check(table);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {ProbeForEveryone.class, AttemptsCompared.class, OutcomeCheckedBefore.class})
  void attempting_modelCheckingAWrongTable_isCaught(Class<?> table) {
    assertCaught(modelChecking(SpecifiedAttempting.class, SCENARIOS), table);
  }

  private static void assertCaught(
      org.jetbrains.lincheck.datastructures.Options<?, ?> check, Class<?> table) {
    assertThatExceptionOfType(LincheckAssertionError.class).isThrownBy(() -> check.check(table));
  }

  private static ModelCheckingOptions modelChecking(Class<?> specification, int scenarios) {
    return new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(100)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(1)
        .logLevel(LoggingLevel.ERROR)
        .minimizeFailedScenario(false)
        .sequentialSpecification(specification)
        // Theirs to prove; and what they do within would drown what the table does between.
        .addGuarantee(forClasses(name -> name.startsWith("com.github.benmanes.caffeine.")
                || name.startsWith("java.util.concurrent.ConcurrentHashMap")
                || name.startsWith("java.util.concurrent.atomic.LongAdder"))
            .allMethods()
            .treatAsAtomic());
  }

  private static StressOptions stress(Class<?> specification, int scenarios) {
    return new StressOptions()
        .iterations(scenarios)
        .invocationsPerIteration(1_000)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(1)
        .logLevel(LoggingLevel.ERROR)
        .minimizeFailedScenario(false)
        .sequentialSpecification(specification);
  }
}
