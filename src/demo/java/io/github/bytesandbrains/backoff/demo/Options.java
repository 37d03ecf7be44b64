package io.github.bytesandbrains.backoff.demo;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the command line sets. */
record Options(int peers, int workers, int seconds, long seed, int port, int metricsPort) {

  private static final int MAX_PORT = 65535;

  /** An option that the rehearsal cannot run with. Its message is the one line to print. */
  static final class BadOption extends RuntimeException {
    private static final long serialVersionUID = 1;

    private BadOption(String message) {
      super(message);
    }
  }

  private enum Name {
    PEERS(200, 1, 1000, "listening peers"),
    WORKERS(16, 1, 256, "threads that send"),
    SECONDS(30, 3, 3600, "length of the rehearsal, all in all"),
    SEED(1, Long.MIN_VALUE, Long.MAX_VALUE, "chooses who fails, and how"),
    PORT(0, 0, MAX_PORT, "first port of the peers; 0 takes free ones"),
    METRICS_PORT(0, 0, MAX_PORT, "port of /metrics and the page; 0 takes a free one");

    private final long standard;
    private final long least;
    private final long most;
    private final String meaning;

    Name(long standard, long least, long most, String meaning) {
      this.standard = standard;
      this.least = least;
      this.most = most;
      this.meaning = meaning;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String expected() {
      return least == Long.MIN_VALUE ? "a whole number" : least + " to " + most;
    }

    private long parse(String value) {
      try {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // complained about below
      }
      throw unexpected(text(), value, expected());
    }

    private String usage() {
      return String.format(
          "  --%-14s %s (%s; default %d)%n", text() + " N", meaning, expected(), standard);
    }
  }

  /**
   * Reads the options.
   *
   * @throws BadOption if one is unknown or out of its bounds
   */
  static Options parse(String... args) {
    Map<Name, Long> values = new EnumMap<>(Name.class);
    for (Name name : Name.values()) {
      values.put(name, name.standard);
    }
    for (int i = 0; i < args.length; i += 2) {
      Name name = named(args[i]);
      values.put(name, name.parse(i + 1 < args.length ? args[i + 1] : "nothing"));
    }
    int peers = intOf(values, Name.PEERS);
    int port = intOf(values, Name.PORT);
    if (port > MAX_PORT + 1 - peers) {
      throw unexpected(Name.PORT.text(), port, "0 to " + (MAX_PORT + 1 - peers));
    }
    return new Options(
        peers,
        intOf(values, Name.WORKERS),
        intOf(values, Name.SECONDS),
        longOf(values, Name.SEED),
        port,
        intOf(values, Name.METRICS_PORT));
  }

  /** How long the workers send before anything is measured. */
  Duration warmUp() {
    return Duration.ofSeconds(seconds).dividedBy(10);
  }

  /** How long one run lasts; the rehearsal has three. */
  Duration run() {
    return Duration.ofSeconds(seconds).minus(warmUp()).dividedBy(3);
  }

  /** A third of the recovery, so that the recovery can be seen. */
  Duration longestDelay() {
    return Phase.RECOVERY.of(run()).dividedBy(3);
  }

  /**
   * How much longer than planned the recovery may last while a peer is still unserved, as a slow
   * machine is not a fault: enough for the workers to ask everybody in turn, several times.
   */
  Duration overtime() {
    return Duration.ofSeconds(3).plusMillis(100L * peers / workers);
  }

  static String usage() {
    return Stream.of(Name.values())
        .map(Name::usage)
        .collect(Collectors.joining(
            "", String.format("The outage rehearsal. Options:%n"), "  --help           this"));
  }

  /** The one form of a complaint: {@code peers: 0 (expected: 1 to 1000)}. */
  static BadOption unexpected(String option, Object value, String expected) {
    return new BadOption(option + ": " + value + " (expected: " + expected + ")");
  }

  private static Name named(String arg) {
    return Stream.of(Name.values())
        .filter(name -> arg.equals("--" + name.text()))
        .findFirst()
        .orElseThrow(() -> unexpected("unknown option", arg, allNames()));
  }

  private static String allNames() {
    return Stream.of(Name.values()).map(n -> "--" + n.text()).collect(Collectors.joining(", "))
        + " or --help";
  }

  private static int intOf(Map<Name, Long> values, Name name) {
    return Math.toIntExact(longOf(values, name));
  }

  private static long longOf(Map<Name, Long> values, Name name) {
    return values.getOrDefault(name, name.standard);
  }
}
