package io.github.bytesandbrains.backoff.demo;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;

/** All that is printed: lines, and on a terminal one live line below them. Thread-safe. */
final class StatusLine {
  private final PrintStream out;
  private final boolean live;
  private int shown;
  private boolean closed;

  StatusLine(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
  }

  /** Whether somebody looks: standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // from Java 22 on not null means little; see below
  static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try { // there since Java 22
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** How often it is worth showing something new. */
  Duration interval() {
    return live ? Duration.ofMillis(200) : Duration.ofSeconds(1);
  }

  synchronized void show(Status status) {
    if (closed) {
      return;
    }
    if (live) {
      String text = status.toString();
      out.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
      out.flush();
      shown = text.length();
    } else {
      out.println(status);
    }
  }

  synchronized void println(String text) {
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

  /** Prints the last there is to say; what comes later, from a thread that still runs, is lost. */
  synchronized void close(String text) {
    println(text);
    closed = true;
  }
}
