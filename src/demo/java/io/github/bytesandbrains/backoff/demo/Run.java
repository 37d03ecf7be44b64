package io.github.bytesandbrains.backoff.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One passage through calm, outage and recovery. */
final class Run {
  private final Side side;
  private final Fleet fleet;
  private final Options options;
  private final Pulse pulse;
  private final Measurements measurements;
  private final Draws draws;

  Run(Side side, Fleet fleet, Options options) {
    this.side = side;
    this.fleet = fleet;
    this.options = options;
    pulse = Pulse.of(options);
    measurements = new Measurements(fleet.peers().size(), pulse);
    draws = new Draws(fleet.peers());
  }

  Measurements measurements() {
    return measurements;
  }

  Pulse pulse() {
    return pulse;
  }

  Side side() {
    return side;
  }

  Draws draws() {
    return draws;
  }

  /** Lets the workers send without measuring anything, so that the first run is not the coldest. */
  void warmUp() throws InterruptedException, ExecutionException {
    sending(() -> TimeUnit.NANOSECONDS.sleep(options.warmUp().toNanos()));
  }

  /** Runs; returns what was wrong. */
  List<String> go(StatusLine status) throws InterruptedException, ExecutionException {
    sending(() -> passAll(status));
    return Stream.of(unserved(), side.findings().flatMap(Findings::firstFault))
        .flatMap(Optional::stream)
        .map(fault -> side.name() + ", " + fault)
        .toList();
  }

  private interface Course {
    void take() throws InterruptedException;
  }

  private void sending(Course course) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(options.workers());
    List<Future<?>> workers = new ArrayList<>();
    try {
      SplittableRandom random = new SplittableRandom(options.seed());
      for (int i = 0; i < options.workers(); i++) {
        workers.add(threads.submit(new Worker(this, side.policies().get(), random.split())));
      }
      course.take();
    } finally {
      measurements.end();
      threads.shutdownNow(); // a worker ends when its send does
      threads.awaitTermination(1, TimeUnit.MINUTES);
    }
    for (Future<?> worker : workers) {
      worker.get(); // throws what the worker has thrown
    }
  }

  private void passAll(StatusLine status) throws InterruptedException {
    for (Phase phase : Phase.values()) {
      pass(phase, status);
    }
  }

  private void pass(Phase phase, StatusLine status) throws InterruptedException {
    fleet.becomeAll(
        phase == Phase.OUTAGE
            ? Outage.choose(options.peers(), options.seed())
            : Collections.nCopies(options.peers(), Condition.SERVING));
    measurements.begin(phase);
    Watch watch = new Watch(side, measurements, status);
    watch.phase(phase, phase.of(options.run()), () -> true);
    if (phase == Phase.RECOVERY) {
      watch.phase(phase, options.overtime(), () -> !measurements.unserved().isEmpty());
    }
  }

  /** What was measured so far. */
  Figures figures() {
    return measurements.figures(side.findings().map(Findings::extremes).orElse(null));
  }

  private Optional<String> unserved() {
    List<Integer> unserved = measurements.unserved();
    if (unserved.isEmpty()) {
      return Optional.empty();
    }
    Peer first = fleet.peers().get(unserved.get(0));
    return Optional.of(String.format(
        "%d of %d peers were not served again after recovery, first %s%s",
        unserved.size(), options.peers(), first, fleet.trouble(first)));
  }
}
