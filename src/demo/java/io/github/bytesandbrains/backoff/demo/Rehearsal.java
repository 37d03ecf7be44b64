package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.Auditor.Findings;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;

/**
 * The outage rehearsal. Workers that share a table send to peers through calm, outage and recovery,
 * then the same again without the table. What was measured is compared at the end, or at Ctrl-C.
 */
public final class Rehearsal {
  private static final int GOOD = 0;
  private static final int FAULTY = 1;
  private static final int BAD_OPTION = 2;

  private final Findings findings = new Findings();
  private final Run warmUp;
  private final Run with;
  private final Run without;

  private Rehearsal(Options options, Fleet fleet, ConcurrentBackoffTable<Peer> table) {
    Side side = new Side(
        "with the table",
        () -> new Auditor(new TablePolicy(table), table, findings),
        () -> Cooling.of(table));
    warmUp = new Run(side, fleet, options);
    with = new Run(side, fleet, options);
    without = new Run(Side.WITHOUT_TABLE, fleet, options);
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
    ConcurrentBackoffTable<Peer> table =
        ConcurrentBackoffTable.builder().schedule(schedule(options)).build();
    try (Fleet fleet = new Fleet(options.peers(), options.port());
        MetricsEndpoint metrics = new MetricsEndpoint(table, options.metricsPort())) {
      line.println(String.format(
          Locale.ROOT,
          "%d peers, %d workers, seed %d; in the outage: %s",
          options.peers(),
          options.workers(),
          options.seed(),
          Outage.summary(Outage.choose(options.peers(), options.seed()))));
      return new Rehearsal(options, fleet, table).go(line, metrics);
    }
  }

  /**
   * The longest delay is a third of the recovery, so that the recovery can be seen; the first is a
   * thirtieth of that.
   */
  private static BackoffSchedule schedule(Options options) {
    Duration longest = Phase.RECOVERY.of(options.run()).dividedBy(3);
    return BackoffSchedule.exponential(longest.dividedBy(30), longest);
  }

  private List<String> go(StatusLine line, MetricsEndpoint metrics)
      throws InterruptedException, ExecutionException {
    Thread atCtrlC = new Thread(() -> line.close(report()), "rehearsal-ctrl-c");
    Runtime.getRuntime().addShutdownHook(atCtrlC);
    try {
      List<String> faults = new ArrayList<>();
      Scraper scraper = new Scraper(metrics.address());
      try (scraper) {
        line.println("metrics: " + metrics.address());
        warmUp.warmUp();
        line.println("With the table:");
        with.go(line).ifPresent(faults::add);
        line.println("Without the table:");
        without.go(line).ifPresent(faults::add);
      }
      findings.firstFault().ifPresent(faults::add);
      scraper.firstFault().ifPresent(faults::add);
      line.close(String.format(
          Locale.ROOT,
          "%s%nchecked: %,d answers about tracked peers, %,d scrapes of /metrics",
          report(),
          findings.judged(),
          scraper.good()));
      return faults;
    } finally {
      forget(atCtrlC);
    }
  }

  private String report() {
    return System.lineSeparator()
        + Report.of(with.measurements().figures(), without.measurements().figures());
  }

  private static void forget(Thread atCtrlC) {
    try {
      Runtime.getRuntime().removeShutdownHook(atCtrlC);
    } catch (IllegalStateException e) {
      // Ctrl-C came just now; the thread prints, or finds that all is printed
    }
  }
}
