package io.github.bytesandbrains.backoff.demo.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bytesandbrains.backoff.demo.Rehearsal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fleet rehearsal as a user runs it, with a real Redis. */
class FleetRehearsalTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void run_small_invariantsHoldAndNothingLeft() {
    Set<Object> before = remains();
    assertThat(run("fleet --nodes 4 --peers 10 --seconds 16"))
        .as(err.toString())
        .isZero();
    assertThat(err).hasToString("");
    assertThat(out.toString())
        .startsWith("4 nodes, 10 peers, seed 1; in each outage: 7 serving, 1 refused, 2 hung")
        .containsPattern("\noutage without Redis +[0-9]+ replies/s +[0-9]+ failures/s ")
        .containsPattern("\ncounted by sharing: 4 of 4 connected, [1-9].* published, [1-9]")
        .containsPattern("\n +with sharing +without sharing\n")
        .containsPattern("\nsends to dead peers, Redis away +[1-9][0-9]* +[1-9][0-9]*\n")
        .containsPattern("\nlast node is back, Redis back +[0-9.]+ s +[0-9.]+ s\n")
        .containsPattern("\nall connected again +[0-9.]+ s +-\n")
        .containsPattern("checked: [1-9][0-9,]* answers about tracked peers, [1-9]");
    await().pollInSameThread().until(() -> before.containsAll(remains()));
  }

  /** In the length that a user sees, sharing makes a difference. */
  @Tag("slow")
  @Test
  void run_twentyNodes_fewerSendsToDeadPeersWithSharing() {
    assertThat(run("fleet")).as(err.toString()).isZero();
    for (String episode : FleetRun.EPISODES) {
      String[] cells = out.toString()
          .lines()
          .filter(line -> line.startsWith("sends to dead peers, " + episode))
          .map(line -> line.replaceAll(".* ([0-9]+) +([0-9]+)", "$1 $2"))
          .collect(Collectors.joining())
          .split(" ", -1);
      if (!episode.equals("Redis away")) {
        assertThat(Long.parseLong(cells[0])).as(episode).isLessThan(Long.parseLong(cells[1]));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fleet --nodes 2   | --nodes: 2 (expected: 3 to 50)",
        "fleet --peers 41  | --peers: 41 (expected: 4 to 40)",
        "fleet --seconds 9 | --seconds: 9 (expected: 10 to 3600)",
        "fleet --http      | Unknown option: '--http'",
      })
  void run_badOption_oneLineThatNamesItAndStatus2(String line, String complaint) {
    assertThat(run(line)).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly(complaint);
    assertThat(out).hasToString("");
  }

  /** Threads that keep the JVM, and processes. */
  private static Set<Object> remains() {
    Set<Object> remains = Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.isDaemon())
        .collect(Collectors.toSet());
    ProcessHandle.current().descendants().forEach(remains::add);
    return remains;
  }

  private int run(String line) {
    return Rehearsal.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.split(" "));
  }
}
