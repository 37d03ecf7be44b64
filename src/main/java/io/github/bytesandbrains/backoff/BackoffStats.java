package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.Counters.Counter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongBinaryOperator;
import java.util.stream.Collectors;

/**
 * What a table has counted since it was created. Immutable. {@code later.minus(earlier)} is what
 * was counted in between.
 *
 * <p>The counts are read one after another while threads record, so they need not match each other
 * exactly. Each one never falls. The sums of delays are whole microseconds, up to 292,000 years in
 * all; a delay that never ends is not added.
 */
public final class BackoffStats {
  private final long[] counts; // by the ordinal of Counter; never written

  BackoffStats(long[] counts) {
    this.counts = counts;
  }

  /** Returns the failures recorded, those of permits included. */
  public long failures() {
    return count(Counter.FAILURES);
  }

  /** Returns the sum of the delays that the failures imposed at the time. */
  public Duration failureDelays() {
    return micros(Counter.FAILURE_DELAY_MICROS);
  }

  /** Returns the successes that made the table forget a peer, those of permits included. */
  public long successes() {
    return count(Counter.SUCCESSES);
  }

  /** Returns the advisories that counted, those of permits included. */
  public long advisories() {
    return count(Counter.ADVISORIES);
  }

  /** Returns the sum of the delays that the advisories imposed, after clamping and jitter. */
  public Duration advisoryDelays() {
    return micros(Counter.ADVISORY_DELAY_MICROS);
  }

  /** Returns the advisories that were longer than {@code maxAdvisory}, stale ones included. */
  public long clampedAdvisories() {
    return count(Counter.CLAMPED_ADVISORIES);
  }

  /** Returns the stale advisories that postponed their peer; they are stale outcomes too. */
  public long staleAdvisories() {
    return count(Counter.STALE_ADVISORIES);
  }

  /**
   * Returns the outcomes of permits that did not count, because another outcome came in between.
   */
  public long staleOutcomes() {
    return count(Counter.STALE_OUTCOMES);
  }

  /** Returns the permits that were granted, probes included. */
  public long granted() {
    return count(Counter.GRANTED);
  }

  /** Returns the permits that were denied because the peer was cooling. */
  public long denied() {
    return count(Counter.DENIED);
  }

  /** Returns the probes: permits that were granted for a due peer, one at a time. */
  public long probes() {
    return count(Counter.PROBES);
  }

  /** Returns the probes whose success counted. */
  public long succeededProbes() {
    return count(Counter.SUCCEEDED_PROBES);
  }

  /** Returns the probes whose failure or advisory counted. */
  public long failedProbes() {
    return count(Counter.FAILED_PROBES);
  }

  /** Returns the probes that gave their lease back; one of them may still report an outcome. */
  public long releasedProbes() {
    return count(Counter.RELEASED_PROBES);
  }

  /**
   * Returns the probes that lost their lease before they reported, to another probe, to {@code
   * expedite} or to a restored state; one of them may still report an outcome.
   */
  public long lapsedProbes() {
    return count(Counter.LAPSED_PROBES);
  }

  /** Returns the tracked peers that were evicted because they were idle. */
  public long idleEvictions() {
    return count(Counter.IDLE_EVICTIONS);
  }

  /**
   * Returns the tracked peers that were evicted because there were more than {@code maximumPeers}.
   */
  public long sizeEvictions() {
    return count(Counter.SIZE_EVICTIONS);
  }

  /** Returns the difference of each count, at least 0. */
  public BackoffStats minus(BackoffStats earlier) {
    return combine(earlier, (a, b) -> Math.max(0, a - b));
  }

  /** Returns the sum of each count. */
  public BackoffStats plus(BackoffStats other) {
    return combine(other, Long::sum);
  }

  private BackoffStats combine(BackoffStats other, LongBinaryOperator operator) {
    long[] combined = new long[counts.length];
    Arrays.setAll(combined, i -> operator.applyAsLong(counts[i], other.counts[i]));
    return new BackoffStats(combined);
  }

  @SuppressWarnings("EnumOrdinal") // as Counters
  private long count(Counter counter) {
    return counts[counter.ordinal()];
  }

  private Duration micros(Counter counter) {
    return Duration.of(count(counter), ChronoUnit.MICROS);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof BackoffStats other && Arrays.equals(counts, other.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return Arrays.stream(Counter.values())
        .map(counter -> counter.name().toLowerCase(Locale.ROOT) + "=" + count(counter))
        .collect(Collectors.joining(", ", "BackoffStats[", "]"));
  }
}
