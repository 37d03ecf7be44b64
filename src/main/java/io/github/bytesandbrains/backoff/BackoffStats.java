package io.github.bytesandbrains.backoff;

import java.time.Duration;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * What a table has counted since it was created. Immutable; two of them, one {@link #minus} the other,
 * tell of the time in between.
 *
 * <p>The counts are taken one by one while threads record, so that they need not fit each other to the
 * last one. Each one never falls. The sums of delays are of whole microseconds, up to 292,000 years in all;
 * delays that are never over are left out.
 *
 * @param failures failures recorded, those of attempts included
 * @param failureDelays the delays that those imposed, as they were then, in sum
 * @param successes successes that made the table forget a peer, those of attempts included
 * @param advisories advisories recorded, those of attempts included
 * @param advisoryDelays the delays that those imposed, clamped ones as clamped, in sum
 * @param clampedAdvisories those advisories that were longer than {@code maxAdvisory}
 * @param denied attempts that were not admitted, as the peer was cooling
 * @param admitted attempts that were admitted, probes included
 * @param probes attempts that were admitted to a due peer, one at a time
 * @param succeededProbes probes that made the table forget their peer
 * @param failedProbes probes that were told a failure or an advisory
 * @param abandonedProbes probes that gave their lease back
 * @param lapsedProbes probes that were not heard of until another one was admitted
 * @param staleOutcomes outcomes of attempts that changed nothing, as the peer's state was no longer
 *     the one that the attempt began with
 * @param idleEvictions peers that were evicted because they were idle
 * @param sizeEvictions peers that were evicted because there were more than {@code maximumPeers}
 */
public record BackoffStats(
    long failures,
    Duration failureDelays,
    long successes,
    long advisories,
    Duration advisoryDelays,
    long clampedAdvisories,
    long denied,
    long admitted,
    long probes,
    long succeededProbes,
    long failedProbes,
    long abandonedProbes,
    long lapsedProbes,
    long staleOutcomes,
    long idleEvictions,
    long sizeEvictions) {

  /** Returns the difference of each count, at least 0. */
  public BackoffStats minus(BackoffStats earlier) {
    return combine(earlier, (a, b) -> Math.max(0, a - b), BackoffStats::minus);
  }

  /** Returns the sum of each count. */
  public BackoffStats plus(BackoffStats other) {
    return combine(other, Long::sum, Duration::plus);
  }

  private static Duration minus(Duration later, Duration earlier) {
    return later.compareTo(earlier) > 0 ? later.minus(earlier) : Duration.ZERO;
  }

  private BackoffStats combine(
      BackoffStats other, LongBinaryOperator operator, BinaryOperator<Duration> ofDelays) {
    return new BackoffStats(
        operator.applyAsLong(failures, other.failures),
        ofDelays.apply(failureDelays, other.failureDelays),
        operator.applyAsLong(successes, other.successes),
        operator.applyAsLong(advisories, other.advisories),
        ofDelays.apply(advisoryDelays, other.advisoryDelays),
        operator.applyAsLong(clampedAdvisories, other.clampedAdvisories),
        operator.applyAsLong(denied, other.denied),
        operator.applyAsLong(admitted, other.admitted),
        operator.applyAsLong(probes, other.probes),
        operator.applyAsLong(succeededProbes, other.succeededProbes),
        operator.applyAsLong(failedProbes, other.failedProbes),
        operator.applyAsLong(abandonedProbes, other.abandonedProbes),
        operator.applyAsLong(lapsedProbes, other.lapsedProbes),
        operator.applyAsLong(staleOutcomes, other.staleOutcomes),
        operator.applyAsLong(idleEvictions, other.idleEvictions),
        operator.applyAsLong(sizeEvictions, other.sizeEvictions));
  }
}
