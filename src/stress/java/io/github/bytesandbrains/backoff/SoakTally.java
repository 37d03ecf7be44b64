package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the threads of a soak counted themselves and what a listener was called with, both to be
 * compared with the statistics of the table. Each permit reports at most one outcome.
 */
final class SoakTally implements BackoffListener<String> {
  final LongAdder steps = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder advisories = new LongAdder();
  final LongAdder clamped = new LongAdder();
  final LongAdder successes = new LongAdder();
  final LongAdder steered = new LongAdder();
  final LongAdder denied = new LongAdder();
  final LongAdder granted = new LongAdder();
  final LongAdder probes = new LongAdder();
  final LongAdder counted = new LongAdder();
  final LongAdder stale = new LongAdder();
  final LongAdder releasedProbes = new LongAdder();
  final LongAdder countedAfterRelease = new LongAdder();
  private final LongAdder succeededProbes = new LongAdder();
  private final LongAdder failedProbes = new LongAdder();

  private final Map<Change, LongAdder> calls = new EnumMap<>(Change.class);

  SoakTally() {
    for (Change change : Change.values()) {
      calls.put(change, new LongAdder());
    }
  }

  @Override
  public void changed(String peer, Change change, BackoffState state) {
    calls(change).increment();
  }

  void granted(Permit permit) {
    granted.increment();
    if (permit.isProbe) {
      probes.increment();
    }
  }

  /** Whether a success that counted forgot the peer is unknown: the peer may be evicted. */
  void succeeded(Permit permit, boolean counts) {
    outcome(counts);
    if (counts && permit.isProbe) {
      succeededProbes.increment();
    }
  }

  void failed(Permit permit, boolean counts) {
    outcome(counts);
    if (counts) {
      failures.increment();
      failedProbe(permit);
    }
  }

  void advised(Permit permit, boolean counts, boolean clamps) {
    outcome(counts);
    if (clamps) {
      clamped.increment();
    }
    if (counts) {
      advisories.increment();
      failedProbe(permit);
    }
  }

  private void failedProbe(Permit permit) {
    if (permit.isProbe) {
      failedProbes.increment();
    }
  }

  private void outcome(boolean counts) {
    (counts ? counted : stale).increment();
  }

  void released(Permit permit) {
    if (permit.isProbe) {
      releasedProbes.increment();
    }
  }

  /** Asserts, while no thread writes, that nothing is lost and nothing is counted twice. */
  void assertAgrees(ConcurrentBackoffTable<?> table) {
    BackoffStats stats = table.stats();
    assertThat(new long[] {
          stats.failures(), stats.advisories(), stats.clampedAdvisories(), stats.denied(),
          stats.granted(), stats.probes(), stats.succeededProbes(), stats.failedProbes(),
          stats.releasedProbes(), stats.staleOutcomes()
        })
        .as("counted by the table, and by its callers: failures, advisories, clamped advisories, "
            + "denied, granted, probes, succeeded, failed and released probes, stale outcomes")
        .containsExactly(
            failures.sum(),
            advisories.sum(),
            clamped.sum(),
            denied.sum(),
            granted.sum(),
            probes.sum(),
            succeededProbes.sum(),
            failedProbes.sum(),
            releasedProbes.sum(),
            stale.sum());
    assertThat(stats.successes() - successes.sum())
        .as("peers that a probe's success made the table forget")
        .isBetween(0L, succeededProbes.sum());
    assertThat(new long[] {
          calls(Change.FAILED).sum(),
          calls(Change.ADVISED).sum(),
          calls(Change.SUCCEEDED).sum(),
          calls(Change.EVICTED).sum()
        })
        .as("calls of a listener: failures, advisories, successes, evictions")
        .containsExactly(
            stats.failures(),
            stats.advisories() + stats.staleAdvisories(),
            stats.successes(),
            stats.idleEvictions() + stats.sizeEvictions());
    assertThat(table.snapshot()).as("tracked peers").hasSize(table.size());
  }

  private LongAdder calls(Change change) {
    return requireNonNull(calls.get(change));
  }
}
