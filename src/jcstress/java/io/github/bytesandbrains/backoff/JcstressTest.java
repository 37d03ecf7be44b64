package io.github.bytesandbrains.backoff;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/**
 * Runs the tests of {@code src/jcstress} in JVMs of their own, and judges what they have seen. The
 * short form runs some of them briefly. {@code -Djcstress.full=true}, as in the profile {@code
 * proof}, runs all of them for longer. Output and report are in {@code target/jcstress}.
 */
@Tag("concurrent")
final class JcstressTest {
  private static final boolean FULL = Boolean.getBoolean("jcstress.full");

  /** A test for each kind of race, and the two likeliest mutants. */
  private static final List<Class<?>> SHORT = List.of(
      HorizonJcstress.FailureSeenByState.class,
      PermitJcstress.FailuresOfAnUnknownPeer.class,
      PermitJcstress.LateSuccessAgainstFailure.class,
      PermitJcstress.SlowProbeAgainstItsSuccessor.class,
      PermitJcstress.SuccessAgainstStaleAdvisory.class,
      PermitJcstress.TwoReleasesOfOneProbe.class,
      PermitJcstress.TwoCallersOfADuePeer.class,
      RecordJcstress.TwoFailures.class,
      RecordJcstress.FailureAgainstSuccess.class,
      RecordJcstress.FailureAgainstReviewOfTheIdlePeer.class,
      MutantTablesJcstress.HorizonRaisedLate.class,
      MutantTablesJcstress.GetThenPut.class);

  private static final Path DIRECTORY = Path.of("target", "jcstress").toAbsolutePath();

  private static final Map<String, TestResult> LIBRARY = new TreeMap<>();
  private static final Map<String, TestResult> MUTANTS = new TreeMap<>();

  @BeforeAll
  static void run() throws Exception {
    deleteOldResults();
    Set<String> expected = new TreeSet<>();
    tests().forEach(test -> expected.add(test.getCanonicalName()));

    runJcstress(expected);
    for (TestResult result : results()) {
      boolean isMutant = result.getName().startsWith(MutantTablesJcstress.class.getName());
      (isMutant ? MUTANTS : LIBRARY).put(result.getName(), result);
    }

    Set<String> ran = new TreeSet<>(LIBRARY.keySet());
    ran.addAll(MUTANTS.keySet());
    assertThat(ran).as("tests that ran").isEqualTo(expected);
    System.out.printf(
        "jcstress: %d tests, %,d samples; %d mutants, %,d samples; report in %s%n",
        LIBRARY.size(),
        samples(LIBRARY),
        MUTANTS.size(),
        samples(MUTANTS),
        DIRECTORY.resolve("report"));
  }

  @Test
  void table_stressed_showsNothingForbidden() {
    assertThat(LIBRARY).isNotEmpty();
    assertThat(LIBRARY.values()).allSatisfy(result -> {
      assertRan(result);
      assertThat(result.grading().isPassed).as(describe(result)).isTrue();
    });
  }

  @Test
  void mutants_stressed_areCaught() {
    assertThat(MUTANTS).isNotEmpty();
    assertThat(MUTANTS.values()).allSatisfy(result -> {
      assertRan(result);
      assertThat(result.grading().isPassed).as(describe(result)).isFalse();
    });
  }

  private static void assertRan(TestResult result) {
    assertThat(result.status()).as(describe(result)).isEqualTo(Status.NORMAL);
    assertThat(result.getTotalCount()).as(describe(result)).isPositive();
  }

  private static String describe(TestResult result) {
    String seen = result.grading().gradingResults.values().stream()
        .map(g -> "%,d x %s, %s: %s".formatted(g.count, g.id, g.expect, g.description))
        .collect(joining("\n  ", "\n  ", ""));
    return result.getName() + seen + "\n" + String.join("\n", result.getMessages());
  }

  private static long samples(Map<String, TestResult> results) {
    return results.values().stream().mapToLong(TestResult::getTotalCount).sum();
  }

  private static Stream<Class<?>> tests() {
    return FULL
        ? Stream.of(
                HorizonJcstress.class,
                PermitJcstress.class,
                RecordJcstress.class,
                MutantTablesJcstress.class)
            .flatMap(group -> Stream.of(group.getDeclaredClasses()))
            .filter(test -> test.isAnnotationPresent(JCStressTest.class))
        : SHORT.stream();
  }

  private static void runJcstress(Set<String> tests) throws Exception {
    Path temporary = Files.createDirectories(DIRECTORY.resolve("tmp"));
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        "-Djava.io.tmpdir=" + temporary,
        Main.class.getName()));
    command.addAll(List.of("-t", "^(" + String.join("|", tests).replace(".", "\\.") + ")$"));
    command.addAll(List.of("-r", "report", "-f", "1", "-sc", "false", "-af", "NONE"));
    // Building a table takes most of a sample's time. Short strides leave more time for the race.
    command.addAll(List.of("-strideSize", "64", "-strideCount", FULL ? "16" : "4"));
    command.addAll(List.of("-iters", "2", "-time", FULL ? "200" : "100"));
    // One kind of JVM, with few threads of its own and without the barriers of a larger collector.
    command.addAll(List.of("-pth", "false", "-jvmArgs", "-XX:+UseSerialGC"));

    File output = DIRECTORY.resolve("output.txt").toFile();
    Process process = new ProcessBuilder(command)
        .directory(DIRECTORY.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output)
        .start();
    try {
      // The exit value is 1 if a mutant was caught, too. The results say which test failed.
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("jcstress has ended").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static List<TestResult> results() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(DIRECTORY)) {
      files = all.filter(file -> file.toString().endsWith(".bin.gz")).toList();
    }
    assertThat(files).as("result of jcstress, see output.txt in %s", DIRECTORY).hasSize(1);
    InProcessCollector collector = new InProcessCollector();
    DiskReadCollector reader = new DiskReadCollector(files.get(0).toString(), collector);
    reader.dump();
    reader.close();
    return ReportUtils.mergedByName(collector.getTestResults());
  }

  private static void deleteOldResults() throws IOException {
    if (Files.exists(DIRECTORY)) {
      try (Stream<Path> old = Files.walk(DIRECTORY)) {
        for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    Files.createDirectories(DIRECTORY);
  }
}
