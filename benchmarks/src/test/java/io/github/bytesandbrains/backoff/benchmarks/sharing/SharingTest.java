package io.github.bytesandbrains.backoff.benchmarks.sharing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class SharingTest {
  @Test
  void die_nodeThatSharesAnotherTable_neverKnows() throws Exception {
    try (Redis redis = new Redis(null);
        Nodes nodes = new Nodes(
            redis.client(), List.of("one", "one", "one", "other"), Duration.ofMillis(500))) {
      long[] nanos = nodes.die("p", 0);

      assertEquals(2, nanos.length);
      assertEquals(-1, nanos[1]);
      assertEquals(-1, nodes.dieAtOnce(List.of("q", "r"))[1]);
    }
  }

  @Test
  void call_nodesThatNeverKnow_saysSoAndEndsWith1() {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    int status;
    try {
      status = new CommandLine(new Sharing()).execute("--quick", "--patience", "0");
    } finally {
      System.setOut(console);
    }
    String text = printed.toString(UTF_8);
    assertEquals(1, status, text);
    assertTrue(text.contains("NEVER: "), text);
    assertTrue(text.contains("MISSED: a node never learned it"), text);
  }
}
