package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rehearsal as a user runs it. */
class RehearsalTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void run_small_tableOfAllRunsAndNothingLeft() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    assertThat(run("--peers", "12", "--workers", "4", "--seconds", "3")).isZero();
    assertThat(text(err)).isEmpty();
    assertThat(text(out))
        .startsWith("12 peers, 4 workers, seed 1; in the outage: ")
        .contains("metrics: http://127.0.0.1:")
        .containsPattern("\npage: http://127.0.0.1:[0-9]+/\n")
        .containsPattern("counted by the table: .* granted, .* probes")
        .containsPattern("\n +tryAcquire +shouldRetry +without table\n")
        .containsPattern("\n  of its cooldown's end +[01] +[0-9]+ +-\n")
        .containsPattern("last peer served after recovery +[0-9.]+ s +[0-9.]+ s +[0-9.]+ s")
        .containsPattern("checked: [1-9][0-9,]* answers about tracked peers, [1-9]");
    await().pollInSameThread().until(() -> before.containsAll(threadsThatKeepTheJvm()));
  }

  @Test
  void run_badOption_oneLineAndStatus2() throws Exception {
    assertThat(run("--peers", "0")).isEqualTo(2);
    assertThat(text(err).lines()).containsExactly("peers: 0 (expected: 1 to 1000)");
    assertThat(text(out)).isEmpty();
  }

  @Test
  void run_metricsPortTaken_oneLineAndStatus2() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Loopback.port(0));
      String port = String.valueOf(taken.getLocalPort());
      assertThat(run("--metrics-port", port)).isEqualTo(2);
      assertThat(text(err).lines())
          .singleElement()
          .asString()
          .startsWith("metrics-port: " + port + " (expected: a free port; ");
      assertThat(text(out)).isEmpty();
    }
  }

  @Test
  void run_help_usageAndStatus0() throws Exception {
    assertThat(run("--help")).isZero();
    assertThat(text(out)).contains("--peers N");
    assertThat(text(err)).isEmpty();
  }

  private static Set<Thread> threadsThatKeepTheJvm() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(Thread::isDaemon);
    return threads;
  }

  private int run(String... args) throws Exception {
    return Rehearsal.run(stream(out), stream(err), args);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
