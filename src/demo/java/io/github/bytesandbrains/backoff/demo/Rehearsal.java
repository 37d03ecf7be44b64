package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.console.Summary;
import io.github.bytesandbrains.backoff.demo.fleet.FleetRehearsal;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.measure.RunResult;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.demo.web.LivePage;
import io.github.bytesandbrains.backoff.demo.web.LiveState;
import io.github.bytesandbrains.backoff.demo.web.Scraper;
import io.github.bytesandbrains.backoff.demo.web.WebServer;
import io.github.bytesandbrains.backoff.demo.workload.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The outage rehearsal. Workers send to peers through calm, outage and recovery: with permits of a
 * table that they share, then asking their table before each send, then without a table. The
 * rehearsal compares the measurements at the end, or at Ctrl-C.
 */
@Command(
    name = "rehearsal",
    description = "Rehearses an outage on real sockets, with and without a backoff table.",
    subcommands = FleetRehearsal.class,
    showDefaultValues = true,
    sortOptions = false)
public final class Rehearsal implements Callable<Integer> {
  /** Longer than an open page waits between two polls. */
  private static final Duration LAST_POLL = Duration.ofSeconds(1);

  @Mixin
  private final Options options = new Options();

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  private Rehearsal() {}

  /** Exits with 1 if a check failed, with 2 if an option is invalid. */
  public static void main(String[] args) {
    int status = commandLine().execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  public static CommandLine commandLine() {
    return new CommandLine(new Rehearsal()).setParameterExceptionHandler((e, args) -> {
      e.getCommandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    });
  }

  @Override
  public Integer call() throws Exception {
    require("--peers", options.peers, 1, 1000);
    require("--workers", options.workers, 1, 256);
    require("--seconds", options.seconds, 3, 3600);
    require("--port", options.port, 0, Options.MAX_PORT + 1 - options.peers);
    require("--metrics-port", options.metricsPort, 0, Options.MAX_PORT);
    if (options.restart && options.http) {
      throw new ParameterException(spec.commandLine(), "--http: true (expected: no --restart)");
    }
    if (options.restart) {
      try (Fleet fleet = openFleet()) {
        new Restart(options, fleet, spec.commandLine().getOut()).rehearse();
      }
      return CommandLine.ExitCode.OK;
    }
    PrintWriter err = spec.commandLine().getErr();
    List<String> faults = rehearse();
    faults.forEach(fault -> err.println("rehearsal failed: " + fault));
    return faults.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private List<String> rehearse() throws Exception {
    try (Fleet fleet = openFleet()) {
      List<Run> runs = variants(fleet).stream()
          .map(variant -> new Run(variant, fleet, options))
          .toList();
      LiveState.Plan plan = LiveState.Plan.of(options, fleet.peers());
      LivePage page = new LivePage("index.html", () -> LiveState.of(plan, runs));
      try (WebServer server = open(
          "--metrics-port", options.metricsPort, () -> new WebServer(options.metricsPort, page))) {
        StatusLine line = new StatusLine(spec.commandLine().getOut(), StatusLine.isTerminal());
        Thread atCtrlC = new Thread(() -> line.close(summary(runs)), "rehearsal-ctrl-c");
        Runtime.getRuntime().addShutdownHook(atCtrlC); // prints nothing if the line is closed
        line.println(String.format(
            "%d peers%s, %d workers, seed %d; in the outage: %s%nmetrics: %s%npage: %s",
            options.peers,
            options.http ? " over HTTP" : "",
            options.workers,
            options.seed,
            PeerBehavior.summary(options.outage()),
            server.metrics(),
            server.page()));
        new Run(variants(fleet).get(0), fleet, options).warmUp();
        List<String> faults = pass(runs, server, line);
        if (page.polledWithin(LAST_POLL)) {
          TimeUnit.NANOSECONDS.sleep(LAST_POLL.toNanos()); // lets it fetch the last state
        }
        return faults;
      }
    }
  }

  private List<Variant> variants(Fleet fleet) {
    Variant asking = Variant.shouldRetry(table(options.longestDelay()));
    return options.http
        ? List.of(
            Variant.backoffHttpClient(table(options.longestDelay()), fleet.peers()),
            asking.overHttp(),
            Variant.WITHOUT_TABLE.overHttp())
        : List.of(Variant.tryAcquire(table(options.longestDelay())), asking, Variant.WITHOUT_TABLE);
  }

  private Fleet openFleet() throws Exception {
    Protocol protocol = options.http ? Protocol.HTTP : Protocol.LONG;
    return open("--port", options.port, () -> new Fleet(options.peers, options.port, protocol));
  }

  private <T> T open(String option, int port, Callable<T> opener) throws Exception {
    try {
      return opener.call();
    } catch (IOException e) {
      throw unexpected(option, port, "a free port; " + e.getMessage());
    }
  }

  private void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw unexpected(option, value, least + " to " + most);
    }
  }

  private ParameterException unexpected(String option, int value, String expected) {
    return new ParameterException(
        spec.commandLine(), option + ": " + value + " (expected: " + expected + ")");
  }

  /** The first delay is a thirtieth of the longest. A probe's lease is longer than a send. */
  static ConcurrentBackoffTable<Peer> table(Duration longest) {
    return ConcurrentBackoffTable.builder()
        .schedule(
            BackoffSchedule.exponential(longest.dividedBy(30), longest).withJitter(Jitter.equal()))
        .probeLease(Worker.TIMEOUT.multipliedBy(4))
        .build();
  }

  private static List<String> pass(List<Run> runs, WebServer server, StatusLine line)
      throws Exception {
    List<String> faults = new ArrayList<>();
    long judged = 0;
    for (Run run : runs) {
      ConcurrentBackoffTable<Peer> table = run.variant().table();
      if (table != null) {
        server.add(table, run.variant().name());
      }
    }
    Scraper scraper = new Scraper(server.metrics());
    try (scraper) {
      for (Run run : runs) {
        line.println(run.variant().name() + ":");
        faults.addAll(run.passPhases(line));
        Auditor auditor = run.variant().auditor();
        if (auditor != null) {
          line.println(counted(auditor.table().stats()));
          judged += auditor.judged();
        }
      }
    }
    scraper.firstFault().ifPresent(faults::add);
    line.close(String.format(
        Locale.ROOT,
        "%s%nchecked: %,d answers about tracked peers, %,d scrapes of /metrics",
        summary(runs),
        judged,
        scraper.good()));
    return faults;
  }

  private static String counted(BackoffStats stats) {
    return String.format(
        Locale.ROOT,
        "counted by the table: %,d granted, %,d denied, %,d probes (%,d released, %,d lapsed),"
            + " %,d failures, %,d advisories, %,d successes, %,d stale",
        stats.granted(),
        stats.denied(),
        stats.probes(),
        stats.releasedProbes(),
        stats.lapsedProbes(),
        stats.failures(),
        stats.advisories(),
        stats.successes(),
        stats.staleOutcomes());
  }

  private static String summary(List<Run> runs) {
    Map<String, RunResult> results = new LinkedHashMap<>();
    runs.forEach(run -> results.put(run.variant().name(), run.result()));
    return System.lineSeparator() + Summary.of(results);
  }
}
