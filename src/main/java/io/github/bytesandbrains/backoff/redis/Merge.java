package io.github.bytesandbrains.backoff.redis;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the log says about each peer. It is made of maxima: for each peer and node the newest vote,
 * and for each peer the newest recovery. So the same entries give the same answer in any order,
 * however often each one is read. Not thread-safe.
 *
 * <p>A vote counts if no recovery came after it. It holds its peer until its deadline, and no
 * longer than {@code maxAdopted}. The verdict is the q-th latest deadline of distinct nodes, where
 * q is the quorum: one node alone neither imposes a hold nor prolongs one.
 *
 * <p>Beyond {@code maximumVotes}, the peers are forgotten that were mentioned least recently.
 */
final class Merge {
  /** There is no verdict. */
  static final long NONE = Long.MIN_VALUE;

  /** More nodes than this may vote for one peer, but the oldest votes are forgotten. */
  static final int MAXIMUM_VOTES_PER_PEER = 256;

  private final int quorum;
  private final long maxAdoptedMillis;
  private final int maximumVotes;
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

  Merge(int quorum, long maxAdoptedMillis, int maximumVotes) {
    this.quorum = quorum;
    this.maxAdoptedMillis = maxAdoptedMillis;
    this.maximumVotes = maximumVotes;
  }

  /**
   * Adds what an entry says about one peer.
   *
   * @param sentMillis the engine's time when the node sent the entry, by the node's reckoning. An
   *     engine that hangs may execute it much later.
   * @param remainingMillis for how long the node leaves the peer alone; 0 if the peer recovered
   */
  void add(EntryId id, String node, long sentMillis, String peer, long remainingMillis) {
    long millis = Math.min(id.timeMillis(), sentMillis);
    Votes votes = peers.computeIfAbsent(peer, p -> newVotes());
    size -= weight(votes);
    votes.newestMillis = Math.max(votes.newestMillis, millis);
    if (id.compareTo(votes.recovered) > 0) {
      if (remainingMillis == 0) {
        votes.recovered = id;
        votes.recoveredMillis = millis;
        votes.byNode.values().removeIf(vote -> vote.id.compareTo(id) <= 0);
      } else {
        long deadlineMillis = millis + Math.min(remainingMillis, maxAdoptedMillis);
        votes.byNode.merge(node, new Vote(id, deadlineMillis), Merge::newer);
        if (votes.byNode.size() > MAXIMUM_VOTES_PER_PEER) {
          votes.byNode.values().remove(oldest(votes));
        }
      }
    }
    size += weight(votes);
    forgetBeyondMaximum();
  }

  private Votes newVotes() {
    Votes votes = new Votes();
    size += weight(votes);
    return votes;
  }

  private static Vote newer(Vote one, Vote other) {
    return one.id.compareTo(other.id) >= 0 ? one : other;
  }

  private static @Nullable Vote oldest(Votes votes) {
    Vote oldest = null;
    for (Vote vote : votes.byNode.values()) {
      oldest = oldest == null || newer(oldest, vote) == oldest ? vote : oldest;
    }
    return oldest;
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
        .reduce(votes.recovered, (one, other) -> one.compareTo(other) >= 0 ? one : other);
  }

  /** The ID of the newest recovery of the peer. */
  EntryId recovered(String peer) {
    Votes votes = peers.get(peer);
    return votes == null ? EntryId.ZERO : votes.recovered;
  }

  /** When the newest recovery of the peer was sent, in the engine's time. */
  long recoveredMillis(String peer) {
    Votes votes = peers.get(peer);
    return votes == null ? NONE : votes.recoveredMillis;
  }

  /** How many votes are remembered; each peer counts as one more. */
  int size() {
    return size;
  }
}
