package io.github.bytesandbrains.backoff.spring;

import static java.util.Comparator.comparingLong;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.BackoffStats;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * The Actuator endpoint {@code backoff}. It is read-only unless {@code
 * management.endpoint.backoff.access} is {@code unrestricted}.
 *
 * <p>A peer is a parameter and not part of the path, because servers and firewalls change or reject
 * paths with slashes.
 */
@Endpoint(id = "backoff", defaultAccess = Access.READ_ONLY)
final class BackoffEndpoint {
  private static final int MOST_PEERS = 10;

  private final Map<String, ConcurrentBackoffTable<?>> all;
  private final Map<String, ConcurrentBackoffTable<String>> steered;

  BackoffEndpoint(
      Map<String, ConcurrentBackoffTable<?>> all,
      Map<String, ConcurrentBackoffTable<String>> steered) {
    this.all = all;
    this.steered = steered;
  }

  /** Returns every table. */
  @ReadOperation
  Tables tables() {
    Map<String, Table> tables = new TreeMap<>();
    all.forEach((name, table) -> tables.put(name, describe(table)));
    return new Tables(tables);
  }

  /**
   * Returns what one table knows of one peer; null, which is a 404, if there is no such table, or
   * if its peers are no strings.
   */
  @ReadOperation
  @Nullable
  Peer peer(@Selector String table, String peer) {
    ConcurrentBackoffTable<String> found = steered.get(table);
    return found == null ? null : describe(found, peer);
  }

  /**
   * Steers one peer, and returns what the table then knows of it; 404 as for {@link #peer}.
   *
   * @param delay only for {@link Action#POSTPONE}
   */
  @WriteOperation
  WebEndpointResponse<Peer> steer(
      @Selector String table,
      @Selector Action action,
      String peer,
      @org.springframework.lang.Nullable Duration delay) {
    ConcurrentBackoffTable<String> found = steered.get(table);
    if (found == null) {
      return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }
    switch (action) {
      case FORGET -> found.forget(peer);
      case EXPEDITE -> found.expedite(peer);
      case POSTPONE -> found.postpone(peer, requireDelay(delay));
    }
    return new WebEndpointResponse<>(describe(found, peer));
  }

  private static Duration requireDelay(@Nullable Duration delay) {
    if (delay == null || delay.isNegative()) {
      throw new InvalidEndpointRequestException(
          "delay: " + delay + " (expected: >= 0)", "A postponement needs a delay");
    }
    return delay;
  }

  private static <P> Table describe(ConcurrentBackoffTable<P> table) {
    Walk<P> walk = new Walk<>(table.nanoTime());
    table.forEach(walk::add);
    return new Table(
        table.size(),
        walk.cooling,
        table.schedule().toString(),
        Stats.of(table.stats()),
        walk.longest().stream().map(peer -> describe(table, peer)).toList());
  }

  private static <P> Peer describe(ConcurrentBackoffTable<P> table, P peer) {
    return new Peer(
        peer.toString(),
        table.state(peer).map(BackoffState::attempts).orElse(0),
        table.remaining(peer),
        table.explain(peer));
  }

  /** What can be done to a peer. */
  enum Action {
    /** {@link ConcurrentBackoffTable#forget(Object)}. */
    FORGET,
    /** {@link ConcurrentBackoffTable#expedite(Object)}. */
    EXPEDITE,
    /** {@link ConcurrentBackoffTable#postpone(Object, Duration)}. */
    POSTPONE
  }

  /** The tables by the names of their beans. */
  record Tables(Map<String, Table> tables) {}

  /**
   * One table.
   *
   * @param tracked peers whose last outcome was no success, or that were postponed
   * @param cooling tracked peers that must be left alone now
   * @param longestDelays up to ten cooling peers, the longest delay first
   */
  record Table(int tracked, long cooling, String schedule, Stats stats, List<Peer> longestDelays) {}

  /**
   * One peer.
   *
   * @param remaining how long to wait before asking again
   * @param explanation as by {@link ConcurrentBackoffTable#explain(Object)}
   */
  record Peer(String peer, int attempts, Duration remaining, String explanation) {}

  /** As {@link BackoffStats}. */
  record Stats(
      long failures,
      Duration failureDelays,
      long advisories,
      Duration advisoryDelays,
      long clampedAdvisories,
      long staleAdvisories,
      long successes,
      long staleOutcomes,
      long granted,
      long denied,
      long probes,
      long succeededProbes,
      long failedProbes,
      long releasedProbes,
      long lapsedProbes,
      long idleEvictions,
      long sizeEvictions) {
    private static Stats of(BackoffStats stats) {
      return new Stats(
          stats.failures(),
          stats.failureDelays(),
          stats.advisories(),
          stats.advisoryDelays(),
          stats.clampedAdvisories(),
          stats.staleAdvisories(),
          stats.successes(),
          stats.staleOutcomes(),
          stats.granted(),
          stats.denied(),
          stats.probes(),
          stats.succeededProbes(),
          stats.failedProbes(),
          stats.releasedProbes(),
          stats.lapsedProbes(),
          stats.idleEvictions(),
          stats.sizeEvictions());
    }
  }

  /** Finds the peers that must wait longest. */
  private static final class Walk<P> {
    private record Waiting<P>(P peer, long nanos) {}

    private final long now;
    private final PriorityQueue<Waiting<P>> top =
        new PriorityQueue<>(comparingLong(Waiting::nanos));
    private long cooling;

    private Walk(long now) {
      this.now = now;
    }

    private void add(P peer, BackoffState state) {
      if (!state.isCooling(now)) {
        return;
      }
      cooling++;
      top.add(new Waiting<>(peer, state.remainingNanos(now)));
      if (top.size() > MOST_PEERS) {
        top.remove();
      }
    }

    private List<P> longest() {
      List<P> peers = new ArrayList<>();
      while (!top.isEmpty()) {
        peers.add(0, top.remove().peer());
      }
      return peers;
    }
  }
}
