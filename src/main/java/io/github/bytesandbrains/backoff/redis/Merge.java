package io.github.bytesandbrains.backoff.redis;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * What the log says about each peer. It is made of maxima: for each peer and node the newest vote,
 * and for each peer the newest recovery. So the same entries give the same answer in any order,
 * however often each one is read. Not thread-safe.
 *
 * <p>A vote counts if no recovery came after it. It holds its peer until a little after the node
 * that sent it tries the peer again, and no longer than {@code maxAdopted}. So those who failed
 * themselves try first, and the others hear of it before their holds end. The verdict is the q-th
 * latest deadline of distinct nodes, where q is the quorum: one node alone neither imposes a hold
 * nor prolongs one.
 *
 * <p>Beyond {@code maximumVotes}, the peers are forgotten that were mentioned least recently.
 */
final class Merge {
  /** There is no verdict. */
  static final long NONE = Long.MIN_VALUE;

  /** More nodes than this may vote for one peer, but the oldest votes are forgotten. */
  static final int MAXIMUM_VOTES_PER_PEER = 256;

  /** How long it may take until the next vote of a node is heard. */
  private static final long GRACE_MILLIS = 200;

  private static final double JITTER = 0.1;

  private static final Comparator<Vote> BY_ID = Comparator.comparing(Vote::id);

  private final int quorum;
  private final long maxAdoptedMillis;
  private final int maximumVotes;
  private final ToDoubleFunction<String> jitter;
  private final Map<String, Votes> peers = new LinkedHashMap<>(16, 0.75f, true);
  private int size;

  /** What is known about one peer. */
  private static final class Votes {
    final Map<String, Vote> byNode = new HashMap<>(4);
    EntryId recovered = EntryId.ZERO;
    long recoveredMillis = NONE;
    long newestMillis = NONE;
  }

  private record Vote(EntryId id, long deadlineMillis) {}

  /** @param jitter returns a number from 0 to 1 for a peer, each time the same */
  Merge(int quorum, long maxAdoptedMillis, int maximumVotes, ToDoubleFunction<String> jitter) {
    this.jitter = jitter;
    this.quorum = quorum;
    this.maxAdoptedMillis = maxAdoptedMillis;
    this.maximumVotes = maximumVotes;
  }

  /**
   * Adds what a node says about one peer.
   *
   * @param sinceMillis when the peer failed or recovered, in the engine's time
   * @param delayMillis for how long the node leaves the peer alone since then; 0 if it recovered
   */
  void add(EntryId id, String node, String peer, long sinceMillis, long delayMillis) {
    Votes votes = peers.computeIfAbsent(peer, p -> newVotes());
    size -= weight(votes);
    votes.newestMillis = Math.max(votes.newestMillis, sinceMillis);
    if (id.compareTo(votes.recovered) > 0) {
      if (delayMillis == 0) {
        votes.recovered = id;
        votes.recoveredMillis = sinceMillis;
        votes.byNode.values().removeIf(vote -> vote.id.compareTo(id) <= 0);
      } else {
        Vote vote = new Vote(id, sinceMillis + holdMillis(peer, delayMillis));
        votes.byNode.merge(node, vote, BinaryOperator.maxBy(BY_ID));
        if (votes.byNode.size() > MAXIMUM_VOTES_PER_PEER) {
          votes.byNode.values().remove(Collections.min(votes.byNode.values(), BY_ID));
        }
      }
    }
    size += weight(votes);
    forgetBeyondMaximum();
  }

  private long holdMillis(String peer, long delayMillis) {
    double share = JITTER * jitter.applyAsDouble(peer);
    double holdMillis = delayMillis * (1 + share) + GRACE_MILLIS;
    return (long) Math.min(holdMillis, maxAdoptedMillis * (1 - share));
  }

  private Votes newVotes() {
    Votes votes = new Votes();
    size += weight(votes);
    return votes;
  }

  /** The peer itself, with its name, counts as one vote. */
  private static int weight(Votes votes) {
    return votes.byNode.size() + 1;
  }

  private void forgetBeyondMaximum() {
    Iterator<Votes> eldest = peers.values().iterator();
    while (size > maximumVotes) {
      size -= weight(eldest.next());
      eldest.remove();
    }
  }

  /** Forgets the peers that were mentioned least recently, while that was before a time. */
  void forgetBefore(long millis) {
    Iterator<Votes> eldest = peers.values().iterator();
    while (eldest.hasNext()) {
      Votes votes = eldest.next();
      if (votes.newestMillis >= millis) {
        return;
      }
      size -= weight(votes);
      eldest.remove();
    }
  }

  void clear() {
    peers.clear();
    size = 0;
  }

  /** Until when the peer is to be left alone, in the engine's time; {@link #NONE} if unsaid. */
  long heldUntilMillis(String peer) {
    Votes votes = peers.get(peer);
    if (votes == null || votes.byNode.size() < quorum) {
      return NONE;
    }
    long[] deadlines =
        votes.byNode.values().stream().mapToLong(Vote::deadlineMillis).sorted().toArray();
    return deadlines[deadlines.length - quorum];
  }

  /** The ID of the newest vote or recovery of the peer. */
  EntryId newest(String peer) {
    Votes votes = peers.get(peer);
    if (votes == null) {
      return EntryId.ZERO;
    }
    return votes.byNode.values().stream()
        .map(Vote::id)
        .reduce(votes.recovered, BinaryOperator.maxBy(Comparator.naturalOrder()));
  }

  /** The ID of the newest recovery of the peer. */
  EntryId recovered(String peer) {
    Votes votes = peers.get(peer);
    return votes == null ? EntryId.ZERO : votes.recovered;
  }

  /** When the peer recovered, in the engine's time. */
  long recoveredMillis(String peer) {
    Votes votes = peers.get(peer);
    return votes == null ? NONE : votes.recoveredMillis;
  }

  /** How many votes are remembered; each peer counts as one more. */
  int size() {
    return size;
  }
}
