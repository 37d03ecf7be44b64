package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rehearsal as a user runs it. */
class RehearsalTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void run_small_summaryOfAllRunsAndNothingLeft() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    assertThat(run("--peers 12 --workers 4 --seconds 3 --seed 2")).isZero();
    assertThat(err).hasToString("");
    assertThat(out.toString())
        .startsWith("12 peers, 4 workers, seed 2; in the outage: 9 serving, 1 ")
        .containsPattern("\nmetrics: http://127.0.0.1:[0-9]+/metrics\n")
        .containsPattern("\npage: http://127.0.0.1:[0-9]+/\n")
        .containsPattern("\noutage +[0-9]+ replies/s +[0-9]+ spared/s +[0-9]+ tracked ")
        .containsPattern("\ncounted by the table: [1-9][0-9,]* granted, .* failures")
        .containsPattern("\n +tryAcquire +shouldRetry +without table\n")
        .containsPattern("\n  of its cooldown's end +[01] +[0-9]+ +-\n")
        .containsPattern("last peer served after recovery +[0-9.]+ s +[0-9.]+ s +[0-9.]+ s")
        .containsPattern("checked: [1-9][0-9,]* answers about tracked peers, [1-9]");
    await().pollInSameThread().until(() -> before.containsAll(threadsThatKeepTheJvm()));
  }

  @Test
  void run_http_theClientAsksTheTableAndItsAnswersAreAudited() {
    assertThat(run("--http --peers 12 --workers 4 --seconds 3")).isZero();

    assertThat(err).hasToString("");
    assertThat(out.toString())
        .startsWith("12 peers over HTTP, 4 workers, seed 1; in the outage: 9 serving, 1 ")
        .containsPattern(
            "\ncounted by the table: [1-9][0-9,]* granted, [1-9].* [1-9][0-9]* failures")
        .containsPattern("\n +BackoffHttpClient +shouldRetry +without table\n")
        .containsPattern("\nsends spared +[1-9][0-9,]* +[1-9][0-9,]* +0\n")
        .containsPattern("\n  of its cooldown's end +[01] +[0-9]+ +-\n")
        .containsPattern("last peer served after recovery +[0-9.]+ s +[0-9.]+ s +[0-9.]+ s");
  }

  @Test
  void run_restart_aKilledClientStartsWithWhatItKnew() {
    assertThat(run("--restart --peers 20 --workers 4 --seconds 9")).isZero();

    assertThat(err).hasToString("");
    assertThat(out.toString())
        .containsPattern("\n +with snapshot +without\n")
        .containsPattern("\npeers known at the start +[1-9][0-9]* +0\n")
        .containsPattern("\nfailed sends +[0-9,]+ +[1-9][0-9,]*\n")
        .containsPattern("\nreplies +[1-9][0-9,]* +[1-9][0-9,]*\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--peers 0          | --peers: 0 (expected: 1 to 1000)",
        "--peers 1001       | --peers: 1001 (expected: 1 to 1000)",
        "--peers 4294967297 | Invalid value for option '--peers': '4294967297' is not an int",
        "--peers many       | Invalid value for option '--peers': 'many' is not an int",
        "--peers            | Missing required parameter for option '--peers' (<peers>)",
        "--workers -1       | --workers: -1 (expected: 1 to 256)",
        "--seconds 2        | --seconds: 2 (expected: 3 to 3600)",
        "--seed 1.5         | Invalid value for option '--seed': '1.5' is not a long",
        "--port 65337       | --port: 65337 (expected: 0 to 65336)",
        "--metrics-port -1  | --metrics-port: -1 (expected: 0 to 65535)",
        "--http --restart   | --http: true (expected: no --restart)",
        "--x                | Unknown option: '--x'",
      })
  void run_badOption_oneLineThatNamesItAndStatus2(String line, String complaint) {
    assertThat(run(line)).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly(complaint);
    assertThat(out).hasToString("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--port", "--metrics-port"})
  void run_portTaken_oneLineAndStatus2(String option) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThat(run("--peers 1 " + option + " " + port)).isEqualTo(2);
      assertThat(err.toString().lines())
          .singleElement()
          .asString()
          .startsWith(option + ": " + port + " (expected: a free port; ");
      assertThat(out).hasToString("");
    }
  }

  @Test
  void run_help_namesEveryOptionAndItsDefault() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "--peers",
            "--workers",
            "--seconds",
            "--seed",
            "--port",
            "--metrics-port",
            "--http",
            "--restart",
            "fleet")
        .contains("--help", "Default: 200", "Default: 16", "Default: 30", "1 to 256");
    assertThat(err).hasToString("");
  }

  private static Set<Thread> threadsThatKeepTheJvm() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(Thread::isDaemon);
    return threads;
  }

  private int run(String line) {
    return Rehearsal.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.split(" "));
  }
}
