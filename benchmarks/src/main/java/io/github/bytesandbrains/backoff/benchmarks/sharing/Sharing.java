package io.github.bytesandbrains.backoff.benchmarks.sharing;

import com.sun.management.OperatingSystemMXBean;
import io.github.bytesandbrains.backoff.benchmarks.report.Environment;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Latency;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Size;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Usage;
import io.github.bytesandbrains.backoff.redis.RedisSharingStats;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how soon nodes know what others know, and what that costs them and Redis. */
@Command(
    name = "sharing",
    description = "Measures sharing by Redis; exits with 1 if nodes learn too late or never.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Sharing implements Callable<Integer> {
  private static final String QUICK_SIZES = "4x0,4x200";
  private static final String QUICK_STEADY = "4x300";

  /** These are not counted: the code is cold, and writers are not yet connected. */
  private static final int WARM_UP_ROUNDS = 3;

  private static final int LEAST_ROUNDS = 30;

  /** How long a peer is dead, at least; up to twice as long. */
  private static final long OUTAGE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** In this time, nodes try each of the peers that stay dead about once. */
  private static final int CYCLE_SECONDS = 45;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--redis",
      paramLabel = "URI",
      description = "a server that runs; unless given, one is started")
  private @Nullable String uri;

  @Option(
      names = "--sizes",
      paramLabel = "NODESxPEERS,...",
      description = "how many nodes, and how many peers die at once before one more does")
  private String sizes = "10x0,20x0,50x0,100x0,20x100,20x1000,100x1000";

  @Option(
      names = "--steady",
      paramLabel = "NODESxPEERS",
      description =
          "the size at which nodes keep trying the dead peers, for 45 s and then for 45 s")
  private String steady = "20x10000";

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long each other size takes, at least")
  private int seconds = 12;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "seconds after which a node counts as one that never knows")
  private int patience = 10;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where the results go, benchmarks/results/DATE-CPU-JDK unless given")
  private @Nullable Path out;

  @Option(names = "--quick", description = "few nodes, for a moment; judge no times, write nothing")
  private boolean quick;

  /** @param steady whether nodes keep trying the peers that died */
  private record Plan(int nodes, int deadPeers, boolean steady) {}

  private record Reading(Redis.Info info, long nanos, long cpuNanos, long votes, long received) {

    static Reading of(Redis redis, Nodes nodes) {
      long jvmNanos =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
      return new Reading(
          redis.info(),
          System.nanoTime(),
          jvmNanos - nodes.ownCpuNanos(),
          nodes.sum(RedisSharingStats::published),
          nodes.sum(RedisSharingStats::received));
    }

    Usage until(Reading end) {
      return new Usage(
          (end.nanos - nanos) / 1e9,
          end.votes - votes,
          end.received - received,
          end.info.calls("xadd") - info.calls("xadd"),
          end.info.calls("xread") - info.calls("xread"),
          end.info.count("total_commands_processed") - info.count("total_commands_processed"),
          end.info.count("total_net_input_bytes") - info.count("total_net_input_bytes"),
          end.info.count("total_net_output_bytes")
              - info.count("total_net_output_bytes")
              - info.bytes(),
          end.cpuSeconds() - cpuSeconds(),
          (end.cpuNanos - cpuNanos) / 1e9,
          end.info.count("used_memory"));
    }

    private double cpuSeconds() {
      return info.seconds("used_cpu_sys") + info.seconds("used_cpu_user");
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Plan> plans = plans();
    long start = System.nanoTime();
    List<Size> measured = new ArrayList<>();
    String version;
    try (Redis redis = new Redis(uri)) {
      version = redis.info().text("redis_version");
      for (Plan plan : plans) {
        Size size = measure(redis, plan);
        size.print(!quick);
        measured.add(size);
      }
    }
    System.out.printf(
        "Measured in %d s.%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    if (quick) {
      System.out.println("A quick run, with few nodes, which judges no times.");
      return measured.stream().allMatch(Size::isComplete) ? 0 : 1;
    }
    Path directory = Files.createDirectories(out == null ? Environment.defaultDirectory() : out);
    Environment environment = Environment.here(
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        spec.commandLine().getParseResult().originalArgs());
    new SharingReport(environment, version, measured).write(directory.resolve(SharingReport.FILE));
    System.out.println("Written to " + directory.resolve(SharingReport.FILE));
    return measured.stream().allMatch(Size::isInTime) ? 0 : 1;
  }

  private List<Plan> plans() {
    List<Plan> plans = new ArrayList<>();
    for (String size : (quick ? QUICK_SIZES : sizes).split(",", -1)) {
      plans.add(plan(size, false));
    }
    plans.add(plan(quick ? QUICK_STEADY : steady, true));
    return plans;
  }

  private Plan plan(String size, boolean steady) {
    Matcher numbers = Pattern.compile("(\\d{1,5})x(\\d{1,5})").matcher(size);
    if (!numbers.matches() || Integer.parseInt(numbers.group(1)) < 3) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "size: " + size + " (expected: such as 20x1000, 3 nodes at least)");
    }
    return new Plan(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)), steady);
  }

  private Size measure(Redis redis, Plan plan) {
    String tableName = "sharing-" + plan.nodes + "x" + plan.deadPeers;
    List<String> tableNames = Collections.nCopies(plan.nodes, tableName);
    try (Nodes nodes = new Nodes(redis.client(), tableNames, Duration.ofSeconds(patience))) {
      List<String> peers =
          IntStream.range(0, plan.deadPeers).mapToObj(i -> peer("dead", i)).toList();
      Reading start = Reading.of(redis, nodes);
      Latency learnsAll = null;
      if (peers.isEmpty()) {
        nodes.pause(nanos(seconds) / 4);
      } else {
        learnsAll = Latency.of(nodes.dieAtOnce(peers));
      }
      Usage atFirst = start.until(Reading.of(redis, nodes));
      if (plan.steady) {
        nodes.keepFailing(peers);
        nodes.pause(nanos(CYCLE_SECONDS));
      }
      int round = 0;
      while (round < WARM_UP_ROUNDS) {
        round(nodes, round++, LongStream.builder(), LongStream.builder());
      }
      LongStream.Builder dies = LongStream.builder();
      LongStream.Builder recovers = LongStream.builder();
      Reading begin = Reading.of(redis, nodes);
      while (System.nanoTime() - begin.nanos < nanos(plan.steady ? CYCLE_SECONDS : seconds)
          || round < WARM_UP_ROUNDS + (quick ? 1 : LEAST_ROUNDS)) {
        round(nodes, round++, dies, recovers);
      }
      return new Size(
          plan.nodes,
          plan.deadPeers,
          plan.steady,
          learnsAll,
          atFirst,
          Latency.of(dies.build().toArray()),
          Latency.of(recovers.build().toArray()),
          begin.until(Reading.of(redis, nodes)),
          Latency.of(nodes.pollGaps()).p99());
    } finally {
      redis.delete("backoff:{" + tableName + "}:log");
    }
  }

  /** One peer dies, and recovers a little later. */
  private static void round(
      Nodes nodes, int round, LongStream.Builder dies, LongStream.Builder recovers) {
    String peer = peer("peer", round);
    LongStream.of(nodes.die(peer, round)).forEach(dies);
    nodes.pause(OUTAGE_NANOS + ThreadLocalRandom.current().nextLong(OUTAGE_NANOS));
    LongStream.of(nodes.recover(peer, round)).forEach(recovers);
  }

  private long nanos(int wanted) {
    return TimeUnit.SECONDS.toNanos(quick ? 1 : wanted);
  }

  private static String peer(String name, int number) {
    return String.format("%s-%05d.example.org:443", name, number);
  }
}
