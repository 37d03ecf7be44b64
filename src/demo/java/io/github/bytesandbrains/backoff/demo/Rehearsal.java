package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.demo.Report.Column;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The outage rehearsal. Workers that share a table send to peers through calm, outage and recovery,
 * each send with a permit. The same workload runs again with workers that only ask their table, and
 * without a table. The rehearsal compares the measurements at the end, or at Ctrl-C.
 */
public final class Rehearsal {
  private static final int GOOD = 0;
  private static final int FAULTY = 1;
  private static final int BAD_OPTION = 2;

  private final Run warmUp;
  private final List<Run> runs;
  private final Supplier<LiveState> live;

  private Rehearsal(Options options, Fleet fleet) {
    warmUp = new Run(Side.tryAcquire(table(options)), fleet, options);
    runs = Stream.of(
            Side.tryAcquire(table(options)), Side.shouldRetry(table(options)), Side.WITHOUT_TABLE)
        .map(side -> new Run(side, fleet, options))
        .toList();
    LiveState.Plan plan = LiveState.Plan.of(options, fleet.peers());
    live = () -> LiveState.of(plan, runs);
  }

  /** Exits with 1 if something was not as it must be, with 2 if an option is bad. */
  public static void main(String[] args) throws Exception {
    int status = run(System.out, System.err, args);
    if (status != GOOD) {
      System.exit(status);
    }
  }

  static int run(PrintStream out, PrintStream err, String... args)
      throws IOException, InterruptedException, ExecutionException {
    if (Arrays.asList(args).contains("--help")) {
      out.println(Options.usage());
      return GOOD;
    }
    try {
      List<String> faults =
          rehearse(Options.parse(args), new StatusLine(out, StatusLine.isTerminal()));
      faults.forEach(fault -> err.println("rehearsal failed: " + fault));
      return faults.isEmpty() ? GOOD : FAULTY;
    } catch (Options.BadOption e) {
      err.println(e.getMessage());
      return BAD_OPTION;
    }
  }

  private static List<String> rehearse(Options options, StatusLine line)
      throws IOException, InterruptedException, ExecutionException {
    try (Fleet fleet = new Fleet(options.peers(), options.port());
        MetricsEndpoint metrics = new MetricsEndpoint(options.metricsPort())) {
      line.println(String.format(
          Locale.ROOT,
          "%d peers, %d workers, seed %d; in the outage: %s",
          options.peers(),
          options.workers(),
          options.seed(),
          Outage.summary(Outage.choose(options.peers(), options.seed()))));
      return new Rehearsal(options, fleet).go(line, metrics);
    }
  }

  /** The first delay is a thirtieth of the longest. A probe has more time than a send can take. */
  private static ConcurrentBackoffTable<Peer> table(Options options) {
    Duration longest = options.longestDelay();
    return ConcurrentBackoffTable.builder()
        .schedule(
            BackoffSchedule.exponential(longest.dividedBy(30), longest).withJitter(Jitter.equal()))
        .probeLease(Worker.TIMEOUT.multipliedBy(4))
        .build();
  }

  private List<String> go(StatusLine line, MetricsEndpoint metrics)
      throws InterruptedException, ExecutionException {
    Thread atCtrlC = new Thread(() -> line.close(report()), "rehearsal-ctrl-c");
    Runtime.getRuntime().addShutdownHook(atCtrlC);
    try {
      List<String> faults = new ArrayList<>();
      for (Run run : runs) {
        run.side().findings().ifPresent(f -> metrics.add(f.table(), run.side().name()));
      }
      Scraper scraper = new Scraper(metrics.address());
      try (scraper) {
        LivePage page = new LivePage(live, Duration.ofSeconds(1));
        metrics.serve("/", page);
        line.println("metrics: " + metrics.address());
        line.println("page: " + metrics.address().resolve("/"));
        warmUp.warmUp();
        for (Run run : runs) {
          faults.addAll(pass(run, line));
        }
        page.bidFarewell();
      }
      scraper.firstFault().ifPresent(faults::add);
      line.close(String.format(
          Locale.ROOT,
          "%s%nchecked: %,d answers about tracked peers, %,d scrapes of /metrics",
          report(),
          runs.stream()
              .flatMap(run -> run.side().findings().stream())
              .mapToLong(Findings::judged)
              .sum(),
          scraper.good()));
      return faults;
    } finally {
      forget(atCtrlC);
    }
  }

  private static List<String> pass(Run run, StatusLine line)
      throws InterruptedException, ExecutionException {
    line.println(run.side().name() + ":");
    List<String> faults = run.go(line);
    run.side().findings().ifPresent(f -> line.println(Report.of(f.table().stats())));
    return faults;
  }

  private String report() {
    List<Column> columns =
        runs.stream().map(run -> new Column(run.side().name(), run.figures())).toList();
    return System.lineSeparator() + Report.of(columns);
  }

  private static void forget(Thread atCtrlC) {
    try {
      Runtime.getRuntime().removeShutdownHook(atCtrlC);
    } catch (IllegalStateException e) {
      // Ctrl-C came just now; the thread prints, or finds that all is printed
    }
  }
}
