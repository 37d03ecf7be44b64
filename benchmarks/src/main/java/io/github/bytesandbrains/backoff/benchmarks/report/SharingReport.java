package io.github.bytesandbrains.backoff.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What nodes that share a table by Redis cost, and how soon they know what others know. */
public record SharingReport(Environment environment, String redis, List<Size> sizes) {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** In a results directory. */
  public static final String FILE = "sharing.json";

  /** A node knows within this time that a peer died. */
  static final double LIMIT_MILLIS = 1_000;

  /** Peers that recover are released at random within this time, and not at once. */
  private static final double JITTER_MILLIS = 250;

  /**
   * How long it took until each node knew something, in milliseconds.
   *
   * @param samples the nodes that were to know, in all rounds
   * @param never how many of them did not, until nobody waited any longer; the quantiles are those
   *     of the others
   */
  public record Latency(int samples, int never, double p50, double p90, double p99, double max) {
    /** @param nanos negative for a node that never knew */
    public static Latency of(long... nanos) {
      double[] millis = Arrays.stream(nanos)
          .filter(n -> n >= 0)
          .sorted()
          .mapToDouble(n -> n / 1e6)
          .toArray();
      return new Latency(
          nanos.length,
          nanos.length - millis.length,
          quantile(millis, 0.5),
          quantile(millis, 0.9),
          quantile(millis, 0.99),
          quantile(millis, 1));
    }

    /** The least value that is not exceeded by this share of the values. */
    private static double quantile(double[] sorted, double share) {
      return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    boolean isWithin(double millis) {
      return samples > 0 && never == 0 && p99 <= millis;
    }

    @Override
    public String toString() {
      String quantiles = String.format(
          Locale.ROOT, "p50 %.0f, p90 %.0f, p99 %.0f, max %.0f ms", p50, p90, p99, max);
      return quantiles + " of " + samples + (never == 0 ? "" : "; NEVER: " + never);
    }
  }

  /**
   * What Redis and all nodes together used.
   *
   * @param votes failures and recoveries of peers that nodes appended
   * @param received the same, as often as other nodes read them
   * @param bytesIn to Redis
   * @param bytesOut from Redis
   * @param nodesCpuSeconds of this JVM, without the threads that measure
   * @param redisMemory bytes that Redis uses at the end
   */
  public record Usage(
      double seconds,
      long votes,
      long received,
      long appends,
      long reads,
      long commands,
      long bytesIn,
      long bytesOut,
      double redisCpuSeconds,
      double nodesCpuSeconds,
      long redisMemory) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.1f s: %,d votes, %,d commands (%,d XADD, %,d XREAD), %,d kB in, %,d kB out,"
              + " CPU: Redis %.2f s, nodes %.2f s; Redis has %,d kB",
          seconds,
          votes,
          commands,
          appends,
          reads,
          bytesIn / 1_000,
          bytesOut / 1_000,
          redisCpuSeconds,
          nodesCpuSeconds,
          redisMemory / 1_000);
    }
  }

  /**
   * What was measured with a number of nodes, after a number of peers died at once.
   *
   * @param steady whether the nodes kept trying them
   * @param learnsAll how long a node needed to know them all; null if there are none
   * @param atFirst the usage until all nodes knew them; without any, while nothing happened
   * @param dies how long a node needed to know one more dead peer
   * @param recovers how long a node needed to send to it again
   * @param meanwhile the usage while peers died and recovered
   * @param resolutionMillis how often the nodes were looked at, at the 99th percentile
   */
  public record Size(
      int nodes,
      int deadPeers,
      boolean steady,
      @Nullable Latency learnsAll,
      Usage atFirst,
      Latency dies,
      Latency recovers,
      Usage meanwhile,
      double resolutionMillis) {

    /** Whether every node learned everything. */
    public boolean isComplete() {
      return dies.never == 0 && recovers.never == 0 && (learnsAll == null || learnsAll.never == 0);
    }

    public boolean isInTime() {
      return isComplete()
          && dies.isWithin(LIMIT_MILLIS)
          && recovers.isWithin(LIMIT_MILLIS + JITTER_MILLIS);
    }

    public void print(boolean judging) {
      System.out.printf(
          Locale.ROOT,
          "%,d nodes, %,d dead peers%s%n",
          nodes,
          deadPeers,
          steady ? ", tried all the time" : "");
      line("nothing happens", learnsAll == null ? atFirst : null);
      line("all dead peers known", learnsAll);
      line("", learnsAll == null ? null : atFirst);
      line("one more dies", dies);
      line("it recovers", recovers);
      line("meanwhile", meanwhile);
      line("nodes looked at", String.format(Locale.ROOT, "every %.1f ms", resolutionMillis));
      if (!isComplete()) {
        System.out.println("  MISSED: a node never learned it");
      } else if (judging && !isInTime()) {
        System.out.println("  MISSED: 1 s at p99, or 1.25 s for a recovery");
      }
      System.out.flush();
    }

    private static void line(String what, @Nullable Object value) {
      if (value != null) {
        System.out.printf("  %-22s %s%n", what, value);
      }
    }
  }

  public void write(Path file) throws IOException {
    Files.writeString(file, GSON.toJson(this) + "\n");
  }

  public static SharingReport read(Path directory) throws IOException {
    return GSON.fromJson(Files.readString(directory.resolve(FILE)), SharingReport.class);
  }
}
