package io.github.bytesandbrains.backoff.benchmarks.report;

import java.util.Map;

/**
 * A JMH benchmark that runs alone in its JVM.
 *
 * @param benchmark the simple name of its class
 */
public record IsolatedRun(String benchmark, Map<String, String> params) {
  /** This library, and what it is compared with. */
  public record Pair(IsolatedRun ours, IsolatedRun theirs) {}
}
