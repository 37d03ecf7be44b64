package io.github.bytesandbrains.backoff;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The commands of the benchmarks' jar. */
public final class Benchmarks {
  private Benchmarks() {}

  /** Runs {@code ratios}, {@code charts DIR} or, with any other arguments, JMH. */
  public static void main(String[] args) throws Exception {
    List<String> arguments = Arrays.asList(args);
    String command = args.length == 0 ? "" : args[0];
    switch (command) {
      case "ratios" -> {
        try {
          boolean holds = new Ratios(Options.parse(arguments.subList(1, args.length))).run();
          System.exit(holds ? 0 : 1);
        } catch (IllegalArgumentException e) {
          System.err.println(e.getMessage());
          System.exit(2);
        }
      }
      case "experiment" ->
        new Ratios(Options.parse(arguments.subList(3, args.length)))
            .runHere(Integer.parseInt(args[1]), Path.of(args[2]));
      case "charts" -> {
        if (args.length != 2) {
          System.err.println("charts: " + arguments + " (expected: charts DIR)");
          System.exit(2);
        }
        Charts.draw(Path.of(args[1]));
      }
      default -> org.openjdk.jmh.Main.main(args);
    }
  }
}
