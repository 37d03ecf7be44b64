package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the live page shows of the rehearsal at one moment; its JSON has these names. */
record LiveState(Plan plan, List<Passage> runs) {

  /** What stays as it is. */
  record Plan(
      double runSeconds,
      double sliceSeconds,
      double longestDelaySeconds,
      List<Part> phases,
      List<Target> peers) {

    static Plan of(Options options, List<Peer> peers) {
      List<Condition> outage = Outage.choose(options.peers(), options.seed());
      return new Plan(
          seconds(options.run()),
          seconds(Pulse.of(options).slice()),
          seconds(options.longestDelay()),
          Stream.of(Phase.values())
              .map(phase -> new Part(phase.toString(), seconds(phase.of(options.run()))))
              .toList(),
          peers.stream().map(peer -> Target.of(peer, outage.get(peer.number()))).toList());
    }
  }

  record Part(String name, double seconds) {}

  /**
   * A peer.
   *
   * @param outage how it behaves in the outage
   */
  record Target(int port, String outage) {
    static Target of(Peer peer, Condition outage) {
      return new Target(peer.address().getPort(), outage.mode().name().toLowerCase(Locale.ROOT));
    }
  }

  /**
   * One run so far.
   *
   * @param phase null before the first and after the last
   * @param mean replies per second in each phase that has begun
   * @param pulse replies per second in each slice that is over
   * @param tracked those that its table tracks; null if there is no table
   */
  record Passage(
      String name,
      @Nullable String phase,
      double elapsedSeconds,
      Map<Phase, Long> mean,
      List<Long> pulse,
      @Nullable List<Tracked> tracked) {

    static Passage of(Run run) {
      Phase phase = run.measurements().phase();
      Map<Phase, Figures.Measured> phases = run.figures().phases();
      Duration elapsed = phases.values().stream()
          .map(Figures.Measured::length)
          .reduce(Duration.ZERO, Duration::plus);
      Map<Phase, Long> mean = new EnumMap<>(Phase.class);
      phases.forEach((of, measured) -> mean.put(of, Math.round(measured.repliesPerSecond())));
      return new Passage(
          run.side().name(),
          phase == null ? null : phase.toString(),
          seconds(elapsed),
          mean,
          run.pulse().repliesPerSecond(elapsed),
          run.side().findings().map(Tracked::of).orElse(null));
    }
  }

  /**
   * A peer that a table tracks.
   *
   * @param remainingMillis how long it is still to be left alone, rounded up; of a peer that is
   *     being probed, 0
   * @param probes the sends that find out whether it is back
   */
  record Tracked(int peer, int attempts, long remainingMillis, int probes) {
    static List<Tracked> of(Findings findings) {
      ConcurrentBackoffTable<Peer> table = findings.table();
      long now = table.nanoTime();
      return table.snapshot().entrySet().stream()
          .map(entry -> {
            int probes = findings.probes(entry.getKey());
            // The lease of a probe is no delay.
            long nanos = probes > 0 ? 0 : entry.getValue().remainingNanos(now);
            long millis = (nanos + 999_999) / 1_000_000;
            return new Tracked(
                entry.getKey().number(), entry.getValue().attempts(), millis, probes);
          })
          .toList();
    }
  }

  static LiveState of(Plan plan, List<Run> runs) {
    return new LiveState(plan, runs.stream().map(Passage::of).toList());
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
