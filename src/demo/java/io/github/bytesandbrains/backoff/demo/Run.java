package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.demo.console.PhaseMonitor;
import io.github.bytesandbrains.backoff.demo.console.StatusLine;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.measure.Measurements;
import io.github.bytesandbrains.backoff.demo.measure.RunResult;
import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import io.github.bytesandbrains.backoff.demo.network.Fleet;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import io.github.bytesandbrains.backoff.demo.workload.PeerSelector;
import io.github.bytesandbrains.backoff.demo.workload.Worker;
import io.github.bytesandbrains.backoff.demo.workload.Worker.Course;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** One variant's way through calm, outage and recovery. */
public final class Run {
  private final Variant variant;
  private final Fleet fleet;
  private final Options options;
  private final Measurements measurements;

  public Run(Variant variant, Fleet fleet, Options options) {
    this.variant = variant;
    this.fleet = fleet;
    this.options = options;
    Duration longest = options.run().plus(options.overtime());
    measurements = new Measurements(options.peers, new ThroughputSeries(options.run(), longest));
  }

  public Variant variant() {
    return variant;
  }

  public Measurements measurements() {
    return measurements;
  }

  /** What was measured so far. */
  public RunResult result() {
    Auditor auditor = variant.auditor();
    return measurements.result(auditor == null ? null : auditor.extremes());
  }

  /** Lets the workers send without measuring, so that the first run is not the coldest. */
  void warmUp() throws InterruptedException, ExecutionException {
    whileSending(
        fleet.peers(),
        variant,
        measurements,
        options,
        () -> TimeUnit.NANOSECONDS.sleep(options.warmUp().toNanos()));
  }

  /** Passes through all phases; returns what went wrong. */
  List<String> passPhases(StatusLine line) throws InterruptedException, ExecutionException {
    whileSending(fleet.peers(), variant, measurements, options, () -> {
      for (Phase phase : Phase.values()) {
        pass(phase, line);
      }
    });
    List<String> faults = new ArrayList<>();
    List<Integer> unserved = measurements.unserved();
    if (!unserved.isEmpty()) {
      Peer first = fleet.peers().get(unserved.get(0));
      faults.add(String.format(
          "%s: %d of %d peers were not served again after recovery, first %s",
          variant.name(), unserved.size(), options.peers, first));
    }
    Auditor auditor = variant.auditor();
    if (auditor != null) {
      auditor.firstFault().ifPresent(fault -> faults.add(variant.name() + ": " + fault));
    }
    return faults;
  }

  static void whileSending(
      List<Peer> peers, Variant variant, Measurements measurements, Options options, Course course)
      throws InterruptedException, ExecutionException {
    SplittableRandom random = new SplittableRandom(options.seed);
    PeerSelector selector = new PeerSelector(peers);
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < options.workers; i++) {
      workers.add(new Worker(
          selector,
          variant.policy(),
          variant.client(),
          measurements,
          Worker.PAUSE,
          random.split()));
    }
    Worker.whileSending(workers, () -> {
      try {
        course.take();
      } finally {
        measurements.begin(null);
      }
    });
  }

  private void pass(Phase phase, StatusLine line) throws InterruptedException {
    fleet.become(
        phase == Phase.OUTAGE
            ? options.outage()
            : Collections.nCopies(options.peers, PeerBehavior.SERVING));
    measurements.begin(phase);
    PhaseMonitor monitor = new PhaseMonitor(line, phase, measurements, variant.table());
    monitor.waitWhile(() -> true, phase.of(options.run()));
    if (phase == Phase.RECOVERY) {
      monitor.waitWhile(() -> !measurements.unserved().isEmpty(), options.overtime());
    }
  }
}
