package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.github.bytesandbrains.backoff.Scenario.Attempting;
import io.github.bytesandbrains.backoff.Scenario.Evicting;
import io.github.bytesandbrains.backoff.Scenario.Flapping;
import io.github.bytesandbrains.backoff.Scenario.Recording;
import io.github.bytesandbrains.backoff.Scenario.Seeing;
import io.github.bytesandbrains.backoff.Scenario.Sharing;
import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.Locale;
import java.util.function.Function;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionResult;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.verifier.LinearizabilityVerifier;
import org.jetbrains.lincheck.datastructures.verifier.Verifier;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Linearizable: whatever threads do at once, there is an order of their operations in which {@link
 * SequentialBackoffTable} answers alike. Lincheck makes up scenarios, lists of operations of each
 * thread, and runs each many times; in the tests called model checking it also decides after which
 * access to shared memory the threads switch.
 *
 * <p>A checker that finds nothing may be blind, so beside each check stands one of the {@link
 * WrongTables}, which it must catch. {@code -Dlincheck.scale=50} makes fifty times as many scenarios
 * of the table that is right.
 *
 * <p>Left out is what covers all peers, as it is weakly consistent, and eviction by size, where the
 * specification would have to allow too much to find anything. A call of Caffeine is one step here,
 * with all that it calls back; {@link IdleEvictionTest} puts a failure between any two steps of that.
 */
final class LincheckTest {
  private static final int SCALE = Integer.getInteger("lincheck.scale", 1);

  /** Scenarios, at most, in which a wrong table must be caught. */
  private static final int WRONG = 100;

  private String name = "";

  @BeforeEach
  void setUp(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
  }

  @Test
  void recording_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Recording.Specified.class, 6 * SCALE), Recording.class);
  }

  @Test
  @Tag("slow")
  void recording_modelCheckingGetThenPut_isCaught() {
    assertCaught(
        modelChecking(Recording.Specified.class, WRONG),
        Recording.class,
        WrongTables.GetThenPut::new);
  }

  @Test
  @Tag("slow")
  void recording_stress_isLinearizable() {
    assertLinearizable(stress(Recording.Specified.class, 4 * SCALE), Recording.class);
  }

  @Test
  @Tag("slow")
  void recording_stressingGetThenPut_isCaught() {
    assertCaught(
        stress(Recording.Specified.class, 10 * WRONG),
        Recording.class,
        WrongTables.GetThenPut::new);
  }

  @Test
  @Tag("slow")
  void seeing_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Seeing.Specified.class, 6 * SCALE), Seeing.class);
  }

  @Test
  @Tag("slow")
  void seeing_modelCheckingHorizonRaisedLate_isCaught() {
    assertCaught(
        modelChecking(Seeing.Specified.class, WRONG),
        Seeing.class,
        WrongTables.HorizonRaisedLate::new);
  }

  @Test
  void flapping_modelChecking_isLinearizableAndKeepsTheIndex() {
    assertLinearizable(modelChecking(Flapping.Specified.class, 4 * SCALE), Flapping.class);
  }

  @Test
  void flapping_modelCheckingGetThenPut_isCaught() {
    assertCaught(
        modelChecking(Flapping.Specified.class, WRONG),
        Flapping.class,
        WrongTables.GetThenPut::new);
  }

  @Test
  @Tag("slow")
  void attempting_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Attempting.Specified.class, 6 * SCALE), Attempting.class);
  }

  @Test
  @Tag("slow")
  void attempting_modelCheckingOutcomeInTwoSteps_isCaught() {
    assertCaught(
        modelChecking(Attempting.Specified.class, WRONG),
        Attempting.class,
        WrongTables.OutcomeInTwoSteps::new);
  }

  @Test
  @Tag("slow")
  void attempting_modelCheckingThreeThreads_isLinearizable() {
    assertLinearizable(
        modelChecking(Attempting.Specified.class, 2 * SCALE).threads(3).actorsPerThread(1),
        Attempting.class);
  }

  @Test
  @Tag("slow")
  void attempting_modelCheckingThreeThreadsProbeForEveryone_isCaught() {
    assertCaught(
        modelChecking(Attempting.Specified.class, WRONG).threads(3).actorsPerThread(1),
        Attempting.class,
        WrongTables.ProbeForEveryone::new);
  }

  @Test
  @Tag("slow")
  void attempting_stress_isLinearizable() {
    assertLinearizable(stress(Attempting.Specified.class, 4 * SCALE), Attempting.class);
  }

  @Test
  @Tag("slow")
  void attempting_stressingProbeForEveryone_isCaught() {
    assertCaught(
        stress(Attempting.Specified.class, 10 * WRONG),
        Attempting.class,
        WrongTables.ProbeForEveryone::new);
  }

  @Test
  @Tag("slow")
  void sharing_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Sharing.Specified.class, 4 * SCALE), Sharing.class);
  }

  @Test
  @Tag("slow")
  void sharing_modelCheckingToldBeforeItCounts_isCaught() {
    assertCaught(
        modelChecking(Sharing.Specified.class, WRONG),
        Sharing.class,
        WrongTables.ToldBeforeItCounts::new);
  }

  @Test
  @Tag("slow")
  void evicting_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Evicting.Specified.class, 6 * SCALE), Evicting.class);
  }

  @Test
  @Tag("slow")
  void evicting_modelCheckingEvictedAfterALook_isCaught() {
    assertCaught(
        modelChecking(Evicting.Specified.class, WRONG),
        Evicting.class,
        WrongTables.EvictedAfterALook::new);
  }

  // How it is checked

  private void assertLinearizable(
      org.jetbrains.lincheck.datastructures.Options<?, ?> options, Class<?> scenario) {
    Scenario.subject = Scenario::library;
    Counting.check(options, scenario, name);
  }

  private void assertCaught(
      org.jetbrains.lincheck.datastructures.Options<?, ?> options,
      Class<?> scenario,
      Function<Options, LibraryTable<Integer>> wrong) {
    Scenario.subject = wrong;
    assertThatExceptionOfType(LincheckAssertionError.class)
        .isThrownBy(() -> Counting.check(options, scenario, name));
    // By an answer, not by a fault of what makes the scenario.
    assertThat(Counting.invocations).isPositive();
  }

  private static ModelCheckingOptions modelChecking(Class<?> specification, int scenarios) {
    return common(new ModelCheckingOptions(), specification, scenarios)
        .invocationsPerIteration(50)
        // Theirs to prove; and what they do within would drown what the table does between.
        .addGuarantee(forClasses(name -> name.startsWith("com.github.benmanes.caffeine.")
                || name.startsWith("java.util.concurrent.ConcurrentHashMap")
                || name.startsWith("java.util.concurrent.atomic.LongAdder"))
            .allMethods()
            .treatAsAtomic());
  }

  private static StressOptions stress(Class<?> specification, int scenarios) {
    return common(new StressOptions(), specification, scenarios).invocationsPerIteration(50);
  }

  private static <O extends org.jetbrains.lincheck.datastructures.Options<O, ?>> O common(
      O options, Class<?> specification, int scenarios) {
    return options
        .iterations(scenarios)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .logLevel(LoggingLevel.ERROR)
        .minimizeFailedScenario(false)
        .verifier(Counting.class)
        .sequentialSpecification(specification);
  }

  /** Lincheck's verifier; counts what it is given. */
  public static final class Counting implements Verifier {
    private static int scenarios;
    private static int invocations;
    private static @Nullable ExecutionScenario last;

    private final LinearizabilityVerifier verifier;

    public Counting(Class<?> specification) {
      verifier = new LinearizabilityVerifier(specification);
    }

    /** Checks, and prints what came of it and how much was done. */
    static void check(
        org.jetbrains.lincheck.datastructures.Options<?, ?> options,
        Class<?> scenario,
        String name) {
      scenarios = 0;
      invocations = 0;
      long begun = System.nanoTime();
      String found = "linearizable";
      try {
        options.check(scenario);
      } catch (LincheckAssertionError e) {
        found = "not linearizable";
        throw e;
      } finally {
        System.out.printf(
            Locale.ROOT,
            "%s: %s, %d scenarios, %d invocations, %.1f s%n",
            name,
            found,
            scenarios,
            invocations,
            (System.nanoTime() - begun) / 1e9);
      }
    }

    @Override
    public boolean verifyResults(ExecutionScenario scenario, ExecutionResult results) {
      if (scenario != last) {
        last = scenario;
        scenarios++;
      }
      invocations++;
      return verifier.verifyResults(scenario, results);
    }
  }
}
