package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.demo.measure.Counts;
import io.github.bytesandbrains.backoff.demo.measure.Measurements;
import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.workload.Policy;
import io.github.bytesandbrains.backoff.snapshot.Snapshots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A client in a process of its own, which {@link Restart} kills and starts again. Loads the
 * snapshot if there is one, sends, saves a snapshot every 100 ms, and prints what it counted.
 */
final class RestartedClient {
  private static final Duration SAVE_INTERVAL = Duration.ofMillis(100);

  private RestartedClient() {}

  /**
   * Sends for a while and prints one line.
   *
   * @param args the file of the snapshot, how long to send and the longest delay in milliseconds, the
   *     options {@code --workers} and {@code --seed}, and the ports, separated by commas
   */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    Duration length = Duration.ofMillis(Long.parseLong(args[1]));
    Options options = new Options();
    Duration longestDelay = Duration.ofMillis(Long.parseLong(args[2]));
    options.workers = Integer.parseInt(args[3]);
    options.seed = Long.parseLong(args[4]);
    int[] ports =
        Arrays.stream(args[5].split(",", -1)).mapToInt(Integer::parseInt).toArray();
    options.peers = ports.length;
    List<Peer> peers = IntStream.range(0, ports.length)
        .mapToObj(
            i -> new Peer(i, new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[i])))
        .toList();

    ConcurrentBackoffTable<Peer> table = Rehearsal.table(longestDelay);
    int restored = Files.exists(file)
        ? Snapshots.load(table, name -> peers.get(Integer.parseInt(name)), file)
        : 0;
    Measurements measurements =
        new Measurements(ports.length, new ThroughputSeries(length, length));
    Variant variant = new Variant("restarted", new Policy.TryAcquire(table), null);
    Run.whileSending(peers, variant, measurements, options, () -> {
      measurements.begin(Phase.OUTAGE);
      long beganNanos = System.nanoTime();
      while (System.nanoTime() - beganNanos < length.toNanos()) {
        TimeUnit.NANOSECONDS.sleep(SAVE_INTERVAL.toNanos());
        save(table, file);
      }
      System.out.println(line(restored, measurements.counts()));
    });
  }

  private static void save(ConcurrentBackoffTable<Peer> table, Path file) {
    try {
      Snapshots.save(table, peer -> String.valueOf(peer.number()), file);
    } catch (IOException e) {
      System.err.println("the snapshot was not saved: " + e);
    }
  }

  /** What the parent process reads. */
  private static String line(int restored, Counts counts) {
    return restored + " " + counts.failed() + " " + counts.busy() + " " + counts.lostSeconds() + " "
        + counts.served();
  }
}
