package io.github.bytesandbrains.backoff.demo.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusLineTest {
  private final StringWriter printed = new StringWriter();
  private final PrintWriter out = new PrintWriter(printed, true);

  @Test
  void summary_someCooling_theLongestDelay() {
    List<BackoffState> states = List.of(
        new BackoffState(1, 0, 5),
        new BackoffState(2, 0, 12_340_000_010L),
        new BackoffState(3, 0, 20));
    assertThat(PhaseMonitor.summary(states, 10))
        .isEqualTo("  3 tracked   2 cooling longest 12.3 s");
    assertThat(PhaseMonitor.summary(List.of(), 10))
        .isEqualTo("  0 tracked   0 cooling longest 0.0 s");
  }

  @Test
  void show_noTerminal_plainLines() {
    StatusLine line = new StatusLine(out, false);
    line.show("one");
    line.show("two");
    assertThat(printed.toString().lines()).containsExactly("one", "two");
  }

  @Test
  void show_terminal_oneLineRewritten() {
    StatusLine line = new StatusLine(out, true);
    line.show("longer");
    line.show("short");
    line.println("done");
    assertThat(printed).hasToString("\rlonger\rshort %ndone%n".formatted());
  }

  @Test
  void close_threadsStillPrint_discarded() {
    for (boolean live : new boolean[] {false, true}) {
      StatusLine line = new StatusLine(out, live);
      line.close("the table");
      line.show("late");
      line.println("later");
      line.close("again");
    }
    assertThat(printed.toString().lines()).containsExactly("the table", "the table");
  }
}
