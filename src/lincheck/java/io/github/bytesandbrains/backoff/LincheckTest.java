package io.github.bytesandbrains.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.github.bytesandbrains.backoff.LincheckScenario.Evicting;
import io.github.bytesandbrains.backoff.LincheckScenario.Flapping;
import io.github.bytesandbrains.backoff.LincheckScenario.Horizon;
import io.github.bytesandbrains.backoff.LincheckScenario.Permits;
import io.github.bytesandbrains.backoff.LincheckScenario.Recording;
import io.github.bytesandbrains.backoff.LincheckScenario.Sharing;
import io.github.bytesandbrains.backoff.LincheckScenario.Steering;
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
 * The table is linearizable: whatever threads do concurrently, there is an order of their
 * operations in which {@link SequentialBackoffTable} gives the same answers. Lincheck generates
 * scenarios, a list of operations for each thread, and runs each one many times. Its model checker
 * also decides after which access to shared memory the threads switch.
 *
 * <p>A check that finds nothing may be blind, so each one has a counterpart that must catch one of
 * the {@link MutantTables}. {@code -Dlincheck.scale=50} runs 50 times as many scenarios of the
 * library's table.
 *
 * <p>Two things are left out: operations on all peers, because they are weakly consistent, and
 * eviction by size, because the specification would have to allow too much. A call of Caffeine is
 * one step here, including everything that it calls back.
 */
@Tag("lincheck")
final class LincheckTest {
  private static final int SCALE = Integer.getInteger("lincheck.scale", 1);

  /** The scenarios within which a mutant must be caught. */
  private static final int MUTANT = 100;

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
        modelChecking(Recording.Specified.class, MUTANT),
        Recording.class,
        MutantTables.GetThenPut::new);
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
        stress(Recording.Specified.class, 10 * MUTANT),
        Recording.class,
        MutantTables.GetThenPut::new);
  }

  @Test
  @Tag("slow")
  void horizon_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Horizon.Specified.class, 6 * SCALE), Horizon.class);
  }

  @Test
  @Tag("slow")
  void horizon_modelCheckingHorizonRaisedLate_isCaught() {
    assertCaught(
        modelChecking(Horizon.Specified.class, MUTANT),
        Horizon.class,
        MutantTables.HorizonRaisedLate::new);
  }

  @Test
  void flapping_modelChecking_isLinearizableAndKeepsTheIndex() {
    assertLinearizable(modelChecking(Flapping.Specified.class, 4 * SCALE), Flapping.class);
  }

  @Test
  void flapping_modelCheckingGetThenPut_isCaught() {
    assertCaught(
        modelChecking(Flapping.Specified.class, MUTANT),
        Flapping.class,
        MutantTables.GetThenPut::new);
  }

  @Test
  @Tag("slow")
  void steering_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Steering.Specified.class, 6 * SCALE), Steering.class);
  }

  @Test
  @Tag("slow")
  void steering_modelCheckingExpeditedByRestoring_isCaught() {
    assertCaught(
        modelChecking(Steering.Specified.class, MUTANT),
        Steering.class,
        MutantTables.ExpeditedByRestoring::new);
  }

  @Test
  @Tag("slow")
  void steering_stress_isLinearizable() {
    assertLinearizable(stress(Steering.Specified.class, 4 * SCALE), Steering.class);
  }

  @Test
  @Tag("slow")
  void permits_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Permits.Specified.class, 6 * SCALE), Permits.class);
  }

  @Test
  @Tag("slow")
  void permits_modelCheckingOutcomeCheckedFirst_isCaught() {
    assertCaught(
        modelChecking(Permits.Specified.class, MUTANT),
        Permits.class,
        MutantTables.OutcomeCheckedFirst::new);
  }

  @Test
  @Tag("slow")
  void permits_modelCheckingThreeThreads_isLinearizable() {
    assertLinearizable(
        modelChecking(Permits.Specified.class, 2 * SCALE).threads(3).actorsPerThread(1),
        Permits.class);
  }

  @Test
  @Tag("slow")
  void permits_modelCheckingThreeThreadsProbeForEveryone_isCaught() {
    assertCaught(
        modelChecking(Permits.Specified.class, MUTANT).threads(3).actorsPerThread(1),
        Permits.class,
        MutantTables.ProbeForEveryone::new);
  }

  @Test
  @Tag("slow")
  void permits_stress_isLinearizable() {
    assertLinearizable(stress(Permits.Specified.class, 4 * SCALE), Permits.class);
  }

  @Test
  @Tag("slow")
  void permits_stressingProbeForEveryone_isCaught() {
    assertCaught(
        stress(Permits.Specified.class, 10 * MUTANT),
        Permits.class,
        MutantTables.ProbeForEveryone::new);
  }

  @Test
  @Tag("slow")
  void sharing_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Sharing.Specified.class, 4 * SCALE), Sharing.class);
  }

  @Test
  @Tag("slow")
  void sharing_modelCheckingReportedBeforeRecorded_isCaught() {
    assertCaught(
        modelChecking(Sharing.Specified.class, MUTANT),
        Sharing.class,
        MutantTables.ReportedBeforeRecorded::new);
  }

  @Test
  @Tag("slow")
  void evicting_modelChecking_isLinearizable() {
    assertLinearizable(modelChecking(Evicting.Specified.class, 6 * SCALE), Evicting.class);
  }

  @Test
  @Tag("slow")
  void evicting_modelCheckingEvictedAfterCheck_isCaught() {
    assertCaught(
        modelChecking(Evicting.Specified.class, MUTANT),
        Evicting.class,
        MutantTables.EvictedAfterCheck::new);
  }

  private void assertLinearizable(
      org.jetbrains.lincheck.datastructures.Options<?, ?> options, Class<?> scenario) {
    LincheckScenario.subject = LincheckScenario::library;
    CountingVerifier.check(options, scenario, name);
  }

  private void assertCaught(
      org.jetbrains.lincheck.datastructures.Options<?, ?> options,
      Class<?> scenario,
      Function<Options, ConcurrentTableAdapter<Integer>> mutant) {
    LincheckScenario.subject = mutant;
    assertThatExceptionOfType(LincheckAssertionError.class)
        .isThrownBy(() -> CountingVerifier.check(options, scenario, name));
    // By an answer, not by an exception in the scenario's constructor.
    assertThat(CountingVerifier.invocations).isPositive();
  }

  private static ModelCheckingOptions modelChecking(Class<?> specification, int scenarios) {
    return common(new ModelCheckingOptions(), specification, scenarios)
        .invocationsPerIteration(50)
        // Not ours to prove, and their steps would outnumber those of the table.
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
        .verifier(CountingVerifier.class)
        .sequentialSpecification(specification);
  }

  /** Lincheck's verifier, which also counts the scenarios and the invocations. */
  public static final class CountingVerifier implements Verifier {
    private static int scenarios;
    private static int invocations;
    private static @Nullable ExecutionScenario last;

    private final LinearizabilityVerifier verifier;

    public CountingVerifier(Class<?> specification) {
      verifier = new LinearizabilityVerifier(specification);
    }

    /** Runs the check, and prints the result and how much was run. */
    static void check(
        org.jetbrains.lincheck.datastructures.Options<?, ?> options,
        Class<?> scenario,
        String name) {
      scenarios = 0;
      invocations = 0;
      long start = System.nanoTime();
      String result = "linearizable";
      try {
        options.check(scenario);
      } catch (LincheckAssertionError e) {
        result = "not linearizable";
        throw e;
      } finally {
        System.out.printf(
            Locale.ROOT,
            "%s: %s, %d scenarios, %d invocations, %.1f s%n",
            name,
            result,
            scenarios,
            invocations,
            (System.nanoTime() - start) / 1e9);
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
