package io.github.bytesandbrains.backoff.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatusLineTest {
  private static final Status LONG = new Status(
      Phase.RECOVERY,
      new Status.Rates(12345.6, 12345.6),
      new Cooling(1000, 999, Duration.ofMillis(12340)));
  private static final Status SHORT = new Status(Phase.CALM, new Status.Rates(10, 0), null);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void status_longest_fitsATerminal() {
    assertThat(LONG.toString())
        .isEqualTo(
            "recovery 12346 replies/s 12346 spared/s 1000 tracked 999 cooling longest 12.3 s")
        .hasSizeLessThan(80);
  }

  @Test
  void show_noTerminal_plainLines() {
    StatusLine line = new StatusLine(out, false);
    line.show(SHORT);
    line.show(SHORT);
    assertThat(printed().lines())
        .containsExactly("calm        10 replies/s", "calm        10 replies/s");
    assertThat(printed()).doesNotContain("\r");
  }

  @Test
  void show_terminal_oneLineRewritten() {
    StatusLine line = new StatusLine(out, true);
    line.show(LONG);
    line.show(SHORT);
    line.println("done");
    String blanks = " ".repeat(LONG.toString().length() - SHORT.toString().length());
    assertThat(printed())
        .isEqualTo("\r" + LONG + "\r" + SHORT + blanks + "%n".formatted() + "done%n".formatted());
  }

  @Test
  void close_threadsStillShow_nothingMore() {
    StatusLine line = new StatusLine(out, false);
    line.close("the table");
    line.show(LONG);
    line.println("late");
    line.close("the table again");
    assertThat(printed().lines()).containsExactly("the table");
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
