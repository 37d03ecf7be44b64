package io.github.bytesandbrains.backoff.demo.fleet;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Jitter;
import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import io.github.bytesandbrains.backoff.demo.network.SendResult;
import io.github.bytesandbrains.backoff.demo.network.SendResult.Kind;
import io.github.bytesandbrains.backoff.demo.network.SocketClient;
import io.github.bytesandbrains.backoff.demo.workload.PeerSelector;
import io.github.bytesandbrains.backoff.demo.workload.Worker;
import io.github.bytesandbrains.backoff.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The way of all nodes through the stages, with sharing or without. */
final class FleetRun {
  static final List<String> EPISODES = List.of("Redis up", "Redis away", "Redis back");

  private static final int WORKERS_PER_NODE = 2;

  /** Keeps the processor mostly idle, although there are many nodes. */
  private static final Duration WORKER_PAUSE = Duration.ofMillis(20);

  private static final Duration WATCH_INTERVAL = Duration.ofMillis(5);

  private final Plan plan;
  private final String name;
  private final Fleet fleet;
  private final @Nullable RedisProcess redis;
  private final HoldAudit holdAudit;
  private final List<Node> nodes;
  private final List<Episode> episodes;
  private final LongAdder replies = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final ThroughputSeries series;
  private final AtomicReference<@Nullable Throwable> watchFailure = new AtomicReference<>();
  private final List<String> faults = new ArrayList<>();
  private volatile Progress progress = new Progress(null, null, 0, 0);
  private volatile @Nullable Duration reconnected;

  /**
   * Where the run is.
   *
   * @param stage null before the first and after the last
   * @param beganNanos when the run began
   * @param endedNanos when it ended; 0 until then
   */
  private record Progress(
      @Nullable Stage stage, @Nullable Episode episode, long beganNanos, long endedNanos) {}

  /** With sharing by this Redis, or without sharing if there is none. */
  FleetRun(Plan plan, Fleet fleet, @Nullable RedisProcess redis) {
    this.plan = plan;
    this.fleet = fleet;
    this.redis = redis;
    name = redis == null ? "without sharing" : "with sharing";
    holdAudit = new HoldAudit(plan.maxAdopted());
    nodes = IntStream.range(0, plan.nodes())
        .mapToObj(number -> new Node(number, table(plan), holdAudit))
        .toList();
    episodes =
        EPISODES.stream().map(each -> new Episode(plan.nodes(), plan.dead())).toList();
    series = new ThroughputSeries(plan.length(), plan.length().multipliedBy(3));
  }

  private static ConcurrentBackoffTable<Peer> table(Plan plan) {
    return ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(plan.firstDelay(), plan.longestDelay())
            .withJitter(Jitter.equal()))
        .probeLease(Worker.TIMEOUT.multipliedBy(4))
        .build();
  }

  String name() {
    return name;
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Episode> episodes() {
    return episodes;
  }

  @Nullable
  Stage stage() {
    return progress.stage;
  }

  Duration elapsed() {
    Progress now = progress;
    if (now.beganNanos == 0) {
      return Duration.ZERO;
    }
    long end = now.endedNanos == 0 ? System.nanoTime() : now.endedNanos;
    return Duration.ofNanos(end - now.beganNanos);
  }

  List<Long> failuresPerSecond() {
    return series.perSecond(elapsed());
  }

  /** The longest time that a worker waited for its table. */
  Duration longestCall() {
    return Duration.ofNanos(nodes.stream().mapToLong(Node::longestNanos).max().orElse(0));
  }

  /** How long it took until every node was connected to the new Redis. */
  Optional<Duration> reconnected() {
    return Optional.ofNullable(reconnected);
  }

  int peers() {
    return plan.peers().size();
  }

  long checkedHolds() {
    return holdAudit.checked();
  }

  long judged() {
    return nodes.stream().mapToLong(node -> node.auditor().judged()).sum();
  }

  /** Lets the workers send without sharing: in a cold JVM, healthy peers seem to hang. */
  void warmUp() throws InterruptedException, ExecutionException {
    Worker.whileSending(
        workers(), () -> NANOSECONDS.sleep(plan.length().dividedBy(20).toNanos()));
  }

  /** Passes through all stages; returns what went wrong. */
  List<String> pass(StatusLine line) throws InterruptedException, ExecutionException {
    if (redis == null) {
      pass(null, line);
    } else {
      try (FleetSharing sharing = new FleetSharing(redis.uri(), plan, nodes)) {
        awaitConnections(sharing);
        pass(sharing, line);
        line.println(sharing.counted());
      }
    }
    judge();
    return faults;
  }

  private void pass(@Nullable FleetSharing sharing, StatusLine line)
      throws InterruptedException, ExecutionException {
    ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    try {
      var unused =
          watch.scheduleWithFixedDelay(this::watch, 0, WATCH_INTERVAL.toNanos(), NANOSECONDS);
      Worker.whileSending(workers(), () -> takeCourse(sharing, line));
    } finally {
      watch.shutdownNow();
    }
  }

  private List<Worker> workers() {
    SplittableRandom random = new SplittableRandom(plan.seed());
    List<Worker> workers = new ArrayList<>();
    for (Node node : nodes) {
      PeerSelector selector = new PeerSelector(plan.peers());
      for (int i = 0; i < WORKERS_PER_NODE; i++) {
        workers.add(new Worker(
            selector,
            node.auditor(),
            new SocketClient(Worker.TIMEOUT),
            (peer, result, beganNanos) -> sent(node, peer, result),
            WORKER_PAUSE,
            random.split()));
      }
    }
    return workers;
  }

  private void sent(Node node, Peer peer, SendResult result) {
    Progress now = progress;
    if (now.episode != null) {
      now.episode.sent(node.number(), peer, result);
    }
    if (result.kind() == Kind.SERVED) {
      replies.increment();
    } else if (result.kind() != Kind.SPARED) {
      failures.increment();
      if (now.stage != null) {
        series.count(System.nanoTime() - now.beganNanos);
      }
    }
  }

  private void watch() {
    try {
      nodes.forEach(node -> node.watch(plan.peers(), progress.episode));
    } catch (Throwable e) {
      watchFailure.compareAndSet(null, e);
      throw e;
    }
  }

  private void takeCourse(@Nullable FleetSharing sharing, StatusLine line)
      throws InterruptedException {
    long began = System.nanoTime();
    Iterator<Episode> next = episodes.iterator();
    for (Stage stage : Stage.values()) {
      Episode episode = stage.isOutage() ? next.next() : progress.episode;
      progress = new Progress(stage, episode, began, 0);
      if (redis != null && sharing != null) {
        changeRedis(redis, stage, sharing);
      }
      if (episode != null) {
        changePeers(stage, episode);
      }
      long adoptedBefore = sharing == null ? 0 : sharing.adopted();
      waitWhile(() -> true, stage.of(plan.length()), line);
      if (sharing != null && stage.isSharedOutage() && sharing.adopted() == adoptedBefore) {
        faults.add(name + ", " + stage + ": no node learned anything from the others");
      }
      if (episode != null && stage.isRecovery()) {
        waitWhile(() -> episode.lastBack().isEmpty(), plan.limits().overtime(), line);
      }
    }
    progress = new Progress(null, progress.episode, began, System.nanoTime());
  }

  private void changeRedis(RedisProcess redis, Stage stage, FleetSharing sharing)
      throws InterruptedException {
    switch (stage) {
      case OUTAGE_WITHOUT_REDIS -> redis.pause(); // it keeps its connections, and never answers
      case RECOVERY_WITHOUT_REDIS -> redis.kill();
      case REDIS_BACK -> {
        redis.restart();
        reconnected = awaitConnections(sharing);
      }
      default -> {}
    }
  }

  private void changePeers(Stage stage, Episode episode) {
    if (stage.isOutage()) {
      episode.died();
      fleet.become(plan.outage());
    } else if (stage.isRecovery()) {
      episode.recovered();
      fleet.become(Collections.nCopies(plan.peers().size(), PeerBehavior.SERVING));
    }
  }

  /** Waits until every node is connected; returns how long that took, null if it did not happen. */
  private @Nullable Duration awaitConnections(FleetSharing sharing) throws InterruptedException {
    long began = System.nanoTime();
    while (!sharing.allConnected()) {
      if (System.nanoTime() - began > plan.limits().overtime().toNanos()) {
        faults.add(name + ": Redis is there, but a node is not connected");
        return null;
      }
      MILLISECONDS.sleep(5);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private void waitWhile(BooleanSupplier condition, Duration atMost, StatusLine line)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    long left;
    while ((left = end - System.nanoTime()) > 0 && condition.getAsBoolean()) {
      long repliesBefore = replies.sum();
      long failuresBefore = failures.sum();
      long began = System.nanoTime();
      NANOSECONDS.sleep(Math.min(left, line.interval().toNanos()));
      double seconds = (System.nanoTime() - began) / 1e9;
      line.show(String.format(
          Locale.ROOT,
          "%-22s %5.0f replies/s %4.0f failures/s %s",
          progress.stage,
          (replies.sum() - repliesBefore) / seconds,
          (failures.sum() - failuresBefore) / seconds,
          known()));
    }
  }

  /** How many peers the nodes leave alone, summed up. */
  private String known() {
    List<Node.Holding> all =
        nodes.stream().flatMap(node -> node.holdings().stream()).toList();
    long adopted = all.stream().filter(Node.Holding::adopted).count();
    return String.format(Locale.ROOT, "%4d own, %4d adopted", all.size() - adopted, adopted);
  }

  private void judge() {
    for (Node node : nodes) {
      node.auditor().firstFault().ifPresent(fault -> faults.add(name + ", " + node + ": " + fault));
    }
    holdAudit.firstFault().ifPresent(fault -> faults.add(name + ": " + fault));
    for (int i = 0; i < EPISODES.size(); i++) {
      if (episodes.get(i).lastBack().isEmpty()) {
        faults.add(name + ", " + EPISODES.get(i) + ": a peer that recovered was not served again");
      }
    }
    if (longestCall().compareTo(plan.limits().tableCall()) > 0) {
      faults.add(name + ": a worker waited for its table for " + longestCall());
    }
    Throwable failure = watchFailure.get();
    if (failure != null) {
      faults.add(name + ": the watch failed: " + failure);
    }
  }
}
