package io.github.bytesandbrains.backoff.demo;

import com.google.gson.Gson;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
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
   * Does the {@link Restart.Job} that is the only argument, and prints the {@link Restart.Result}.
   */
  public static void main(String[] args) throws Exception {
    Restart.Job job = new Gson().fromJson(args[0], Restart.Job.class);
    Path file = Path.of(job.file());
    Duration length = Duration.ofMillis(job.millis());
    Options options = new Options();
    options.workers = job.workers();
    options.seed = job.seed();
    options.peers = job.ports().size();
    InetAddress host = InetAddress.getLoopbackAddress();
    List<Peer> peers = IntStream.range(0, options.peers)
        .mapToObj(i -> new Peer(i, new InetSocketAddress(host, job.ports().get(i))))
        .toList();

    ConcurrentBackoffTable<Peer> table =
        Rehearsal.table(Duration.ofMillis(job.longestDelayMillis()));
    int restored = Files.exists(file)
        ? Snapshots.load(table, name -> peers.get(Integer.parseInt(name)), file)
        : 0;
    Measurements measurements =
        new Measurements(options.peers, new ThroughputSeries(length, length));
    Variant variant = new Variant("restarted", new Policy.TryAcquire(table), null);
    Run.whileSending(peers, variant, measurements, options, () -> {
      measurements.begin(Phase.OUTAGE);
      long beganNanos = System.nanoTime();
      while (System.nanoTime() - beganNanos < length.toNanos()) {
        TimeUnit.NANOSECONDS.sleep(SAVE_INTERVAL.toNanos());
        save(table, file);
      }
      System.out.println(new Gson().toJson(new Restart.Result(restored, measurements.counts())));
    });
  }

  private static void save(ConcurrentBackoffTable<Peer> table, Path file) {
    try {
      Snapshots.save(table, peer -> String.valueOf(peer.number()), file);
    } catch (IOException e) {
      System.err.println("the snapshot was not saved: " + e);
    }
  }
}
