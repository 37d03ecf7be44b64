package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of the command line, and what follows from them. */
public final class Options {
  static final int MAX_PORT = 65535;

  @Option(names = "--peers", description = "Listening peers, 1 to 1000.")
  int peers = 200;

  @Option(names = "--workers", description = "Sending threads, 1 to 256.")
  int workers = 16;

  @Option(names = "--seconds", description = "Length of the whole rehearsal, 3 to 3600.")
  int seconds = 30;

  @Option(names = "--seed", description = "Selects which peers fail, and how.")
  long seed = 1;

  @Option(names = "--port", description = "First port of the peers; 0: free ones.")
  int port;

  @Option(names = "--metrics-port", description = "Port of /metrics and the page; 0: a free one.")
  int metricsPort;

  @Option(
      names = "--http",
      description = "The peers speak HTTP, and BackoffHttpClient asks the table.")
  boolean http;

  @Option(
      names = "--restart",
      description = "Kills a client in the outage instead, and starts it with its snapshot.")
  boolean restart;

  @Option(names = "--help", usageHelp = true, description = "Prints this help.")
  boolean help;

  /** How each peer behaves in the outage, by its number. */
  public List<PeerBehavior> outage() {
    return PeerBehavior.inOutage(peers, seed);
  }

  /** How long the workers send before anything is measured. */
  Duration warmUp() {
    return Duration.ofSeconds(seconds).dividedBy(10);
  }

  /** The planned length of one run; the rehearsal has three. */
  public Duration run() {
    return Duration.ofSeconds(seconds).minus(warmUp()).dividedBy(3);
  }

  /** The longest delay of the tables: short enough that the recovery can be seen. */
  public Duration longestDelay() {
    return Phase.RECOVERY.of(run()).dividedBy(3);
  }

  /**
   * How much longer the recovery may last while a peer is unserved, because a slow machine is not a
   * fault: long enough for the workers to reach every peer in turn, several times.
   */
  Duration overtime() {
    return Duration.ofSeconds(3).plusMillis(100L * peers / workers);
  }
}
