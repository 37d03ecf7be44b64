package io.github.bytesandbrains.backoff.demo.fleet;

import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import io.github.bytesandbrains.backoff.demo.network.Protocol;
import io.github.bytesandbrains.backoff.demo.web.LivePage;
import io.github.bytesandbrains.backoff.demo.web.WebServer;
import io.github.bytesandbrains.backoff.redis.RedisProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The fleet rehearsal. Each node has a table of its own and sends to the same peers. First the
 * nodes share what they learn by a real Redis, then they do not. Peers die and recover three times:
 * while Redis is up, while it is away, and when it is back.
 */
@Command(
    name = "fleet",
    description = "Rehearses outages with nodes that share what they learn by Redis, and without.",
    showDefaultValues = true,
    sortOptions = false)
public final class FleetRehearsal implements Callable<Integer> {
  /** Longer than an open page waits between two polls. */
  private static final Duration LAST_POLL = Duration.ofSeconds(1);

  @Option(names = "--nodes", description = "Nodes that share, 3 to 50.")
  private int nodes = 20;

  @Option(names = "--peers", description = "Listening peers, 4 to 40; three in ten of them die.")
  private int peers = 20;

  @Option(names = "--seconds", description = "Length of the whole rehearsal, 10 to 3600.")
  private int seconds = 70;

  @Option(names = "--seed", description = "Selects which peers die.")
  private long seed = 1;

  @Option(names = "--page-port", description = "Port of the page; 0: a free one.")
  private int pagePort;

  @Option(names = "--help", usageHelp = true, description = "Prints this help.")
  boolean help;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    require("--nodes", nodes, 3, 50);
    require("--peers", peers, 4, 40);
    require("--seconds", seconds, 10, 3600);
    require("--page-port", pagePort, 0, 65535);
    Path folder = Files.createTempDirectory("rehearsal");
    List<String> faults;
    try (Fleet fleet = new Fleet(peers, 0, Protocol.LONG);
        RedisProcess redis = new RedisProcess(folder)) {
      faults = rehearse(fleet, redis);
    } finally {
      delete(folder);
    }
    PrintWriter err = spec.commandLine().getErr();
    faults.forEach(fault -> err.println("rehearsal failed: " + fault));
    return faults.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private List<String> rehearse(Fleet fleet, RedisProcess redis) throws Exception {
    Plan plan = new Plan(
        nodes,
        Duration.ofSeconds(seconds).dividedBy(2),
        seed,
        fleet.peers(),
        PeerBehavior.dead(peers, seed),
        Plan.Limits.DEFAULT);
    FleetRun with = new FleetRun(plan, fleet, redis);
    FleetRun without = new FleetRun(plan, fleet, null);
    List<FleetRun> runs = List.of(with, without);
    LivePage page = new LivePage("fleet.html", () -> FleetState.of(plan, runs));
    try (WebServer server = open(page)) {
      StatusLine line = new StatusLine(spec.commandLine().getOut(), StatusLine.isTerminal());
      Thread atCtrlC = new Thread(
          () -> {
            redis.close(); // it would outlive this process while it is paused
            line.close(summary(runs));
          },
          "rehearsal-ctrl-c");
      Runtime.getRuntime().addShutdownHook(atCtrlC); // prints nothing if the line is closed
      line.println(String.format(
          "%d nodes, %d peers, seed %d; in each outage: %s%npage: %s",
          nodes, peers, seed, PeerBehavior.summary(plan.outage()), server.page()));
      new FleetRun(plan, fleet, null).warmUp();
      List<String> faults = new ArrayList<>();
      for (FleetRun run : runs) {
        line.println(run.name() + ":");
        faults.addAll(run.pass(line));
      }
      faults.addAll(compare(with.episodes(), without.episodes()));
      line.close(String.format(
          Locale.ROOT,
          "%s%nchecked: %,d answers about tracked peers, %,d holds that were adopted",
          summary(runs),
          with.judged() + without.judged(),
          with.checkedHolds()));
      if (page.polledWithin(LAST_POLL)) {
        TimeUnit.NANOSECONDS.sleep(LAST_POLL.toNanos()); // lets it fetch the last state
      }
      return faults;
    }
  }

  private WebServer open(LivePage page) {
    try {
      return new WebServer(pagePort, page);
    } catch (IOException e) {
      throw unexpected("--page-port", pagePort, "a free port; " + e.getMessage());
    }
  }

  private static String summary(List<FleetRun> runs) {
    return System.lineSeparator() + FleetSummary.of(runs);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** Says where sharing did harm: with it, nodes send to dead peers no more often than without. */
  static List<String> compare(List<Episode> with, List<Episode> without) {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < with.size(); i++) {
      long sends = with.get(i).deadSends();
      long alone = without.get(i).deadSends();
      if (sends > alone * 3 / 2) { // chance alone makes a difference
        faults.add(String.format(
            "%s: %d sends to dead peers with sharing, %d without",
            FleetRun.EPISODES.get(i), sends, alone));
      }
    }
    return faults;
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
}
