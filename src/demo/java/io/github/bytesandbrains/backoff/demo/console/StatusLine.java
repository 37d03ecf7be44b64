package io.github.bytesandbrains.backoff.demo.console;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;

/** Everything that is printed: lines, and on a terminal one live line below them. Thread-safe. */
public final class StatusLine {
  private final PrintWriter out;
  private final boolean live;
  private int shown;
  private boolean closed;

  public StatusLine(PrintWriter out, boolean live) {
    this.out = out;
    this.live = live;
  }

  /** Whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // JDK 22 and newer need the second question
  public static boolean isTerminal() {
    Console console = System.console();
    try {
      return console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // before JDK 22 a console is a terminal
    }
  }

  /** How often to show something new. */
  public Duration interval() {
    return live ? Duration.ofMillis(200) : Duration.ofSeconds(1);
  }

  /** Replaces the live line; prints a line if there is no terminal. */
  public synchronized void show(String text) {
    if (!live) {
      println(text);
    } else if (!closed) {
      out.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
      out.flush();
      shown = text.length();
    }
  }

  public synchronized void println(String text) {
    if (closed) {
      return;
    }
    if (shown > 0) {
      out.println();
      shown = 0;
    }
    out.println(text);
    out.flush();
  }

  /** Prints the last line; what other threads print later is discarded. */
  public synchronized void close(String text) {
    println(text);
    closed = true;
  }
}
