package io.github.bytesandbrains.backoff.demo.web;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.demo.Options;
import io.github.bytesandbrains.backoff.demo.Phase;
import io.github.bytesandbrains.backoff.demo.Run;
import io.github.bytesandbrains.backoff.demo.measure.Auditor;
import io.github.bytesandbrains.backoff.demo.measure.RunResult;
import io.github.bytesandbrains.backoff.demo.measure.ThroughputSeries;
import io.github.bytesandbrains.backoff.demo.network.Peer;
import io.github.bytesandbrains.backoff.demo.network.PeerBehavior;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the live page shows of the rehearsal at one moment; its JSON has these names. */
public record LiveState(Plan plan, List<RunState> runs) {
  public static LiveState of(Plan plan, List<Run> runs) {
    return new LiveState(plan, runs.stream().map(RunState::of).toList());
  }

  /** What does not change. */
  public record Plan(
      double runSeconds,
      double sliceSeconds,
      double longestDelaySeconds,
      Map<Phase, Double> phaseSeconds,
      List<PlannedPeer> peers) {

    public static Plan of(Options options, List<Peer> peers) {
      List<PeerBehavior> outage = options.outage();
      Map<Phase, Double> phaseSeconds = new EnumMap<>(Phase.class);
      for (Phase phase : Phase.values()) {
        phaseSeconds.put(phase, seconds(phase.of(options.run())));
      }
      return new Plan(
          seconds(options.run()),
          seconds(ThroughputSeries.slice(options.run())),
          seconds(options.longestDelay()),
          phaseSeconds,
          peers.stream()
              .map(peer -> new PlannedPeer(
                  peer.address().getPort(), outage.get(peer.number()).mode().toString()))
              .toList());
    }
  }

  /** A peer, and its behavior in the outage. */
  record PlannedPeer(int port, String outage) {}

  /**
   * One run so far.
   *
   * @param phase null before the first and after the last
   * @param mean replies per second in each phase that has begun
   * @param series replies per second in each slice that has ended
   * @param tracked the peers that its table tracks; null if there is no table
   */
  record RunState(
      String name,
      @Nullable String phase,
      double elapsedSeconds,
      Map<Phase, Long> mean,
      List<Long> series,
      @Nullable List<TrackedPeer> tracked) {

    static RunState of(Run run) {
      Phase phase = run.measurements().phase();
      RunResult result = run.result();
      Map<Phase, Long> mean = new EnumMap<>(Phase.class);
      result.phases().forEach((each, measured) -> mean.put(each, measured.repliesPerSecond()));
      Auditor auditor = run.variant().auditor();
      return new RunState(
          run.variant().name(),
          phase == null ? null : phase.toString(),
          seconds(result.elapsed()),
          mean,
          run.measurements().series().perSecond(result.elapsed()),
          auditor == null ? null : tracked(auditor));
    }

    private static List<TrackedPeer> tracked(Auditor auditor) {
      long now = auditor.table().nanoTime();
      return auditor.table().snapshot().entrySet().stream()
          .map(entry -> TrackedPeer.of(entry.getKey(), entry.getValue(), auditor, now))
          .toList();
    }
  }

  /**
   * A peer that a table tracks.
   *
   * @param remainingMillis how long to leave it alone, rounded up; 0 while it is probed
   * @param probes sends in flight that probe it
   */
  record TrackedPeer(int peer, int attempts, long remainingMillis, int probes) {
    static TrackedPeer of(Peer peer, BackoffState state, Auditor auditor, long nowNanos) {
      int probes = auditor.probes(peer);
      long nanos = probes > 0 ? 0 : state.remainingNanos(nowNanos); // a probe's lease is no delay
      return new TrackedPeer(
          peer.number(), state.attempts(), (nanos + 999_999) / 1_000_000, probes);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
