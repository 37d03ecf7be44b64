package io.github.bytesandbrains.backoff.benchmarks.ratio;

import io.github.bytesandbrains.backoff.benchmarks.report.Settings;
import io.github.bytesandbrains.backoff.benchmarks.report.Target;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.List;
import java.util.Map;

/** What is to be measured in this JVM, how much of it, and what was found. */
record Run(List<Target> wanted, Settings settings, List<Sample> samples) {
  int slices() {
    return settings.slices();
  }

  int peers(int wanted) {
    return settings.peers(wanted);
  }

  boolean wants(Target target) {
    return wanted.contains(target);
  }

  void add(Sample sample) {
    samples.add(sample);
  }

  void add(Target target, double value, Map<String, Double> details) {
    add(target, new double[] {value}, details);
  }

  void add(Target target, double[] values, Map<String, Double> details) {
    if (wants(target)) {
      add(new Sample(target.name(), values, null, null, details));
    }
  }

  /** Compares workloads that begin again after a lap. */
  void compare(Target target, Workload ours, Workload theirs, int lap) {
    add(new PairedTimer(settings).compare(target, ours, theirs, lap));
  }
}
