package io.github.bytesandbrains.backoff.redis;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffListener;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.LogEntry.Report;
import io.github.bytesandbrains.backoff.redis.SharingLog.Stored;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a node tells the others, and what it makes of what they say. One thread calls {@link
 * #publish}, another one {@link #read}. Neither holds the lock while it waits for the log, and a
 * thread that records takes no lock at all.
 */
final class Sharer<P> implements BackoffListener<P> {
  /** A failure that leaves less is over before the others know. */
  private static final long WORTHWHILE_NANOS = Duration.ofMillis(200).toNanos();

  /** Peers that recovered are probed within this time, so that not all nodes do it at once. */
  private static final long SPREAD_NANOS = Duration.ofMillis(250).toNanos();

  /** By how much the longest hold is shortened at random, so that not all nodes probe at once. */
  private static final double JITTER = 0.1;

  /** How long a node goes by itself after the others were wrong about a peer. */
  private static final long DISTRUST_NANOS = Duration.ofMinutes(5).toNanos();

  private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);
  private static final long RESYNC_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long GOOD_TIME_READ_NANOS = Duration.ofMillis(10).toNanos();

  /** Nodes reckon the engine's time to within this. */
  private static final long CLOCK_ERROR_MILLIS = 1_000;

  /** A delay that never ends is as good as one of this length. */
  private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

  private static final int MOST_PEERS = 100_000;

  /** How many entries stay in a log whose IDs have stopped, because its clock was set back. */
  private static final long MOST_ENTRIES_OF_A_MILLISECOND = 10_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ConcurrentBackoffTable<P> table;
  private final Function<? super P, String> name;
  private final Function<? super String, ? extends @Nullable P> peer;
  private final String nodeId;
  private final SharingLog log;
  private final Counts counts;
  private final Runnable wakeUp;
  private final int maximumPeers;
  private final long maxAdoptedNanos;
  private final Merge merge;

  /** What was recorded, until a thread of ours looks at it: the newest change of each peer. */
  private final Map<P, Recorded> recorded = new ConcurrentHashMap<>();

  /** What was not yet appended, by the name of the peer. */
  private final Map<String, Outgoing<P>> outbox = new LinkedHashMap<>();

  private final Map<P, Known> known = new LinkedHashMap<>(16, 0.75f, true);

  /** Everything up to here was read. */
  private EntryId position = EntryId.ZERO;

  /** Whether the last entry could not be appended; then even an empty one shows if it can be. */
  private boolean appendFailed;

  private boolean positionIsAnEntry;

  /** The last entry of this node, which it reads as it reads the others. */
  private EntryId appended = EntryId.ZERO;

  private boolean checksPosition = true;

  /** Null while the log cannot be read. */
  private volatile @Nullable EngineTime engineTime;

  private volatile long completeNanos;

  @SuppressWarnings("ReferenceEquality") // the very state, not one of the same instant
  private record Recorded(Change change, BackoffState state) {
    /** Notifications of one peer may arrive in another order than its changes. */
    Recorded newer(Recorded other) {
      long since = other.state.lastAttemptNanos() - state.lastAttemptNanos();
      boolean isNewer = since == 0 ? other.state.attempts() >= state.attempts() : since > 0;
      boolean forgot = change == Change.SUCCEEDED && other.state == state;
      return isNewer && !forgot ? other : this;
    }
  }

  /** A vote, or a recovery if the delay is 0. */
  private record Outgoing<P>(P peer, long sinceNanos, long delayNanos) {
    boolean isVote() {
      return delayNanos > 0;
    }

    Report report(long nowNanos) {
      long ageNanos = Math.max(0, nowNanos - sinceNanos);
      return new Report(delayNanos / NANOS_PER_MILLI, ageNanos / NANOS_PER_MILLI);
    }
  }

  /** What this node remembers of a peer, besides the table. */
  private static final class Known {
    /** The last failure, until the peer recovers. */
    @Nullable
    BackoffState failed;

    /** A vote of this node that may be in the log, without a recovery after it. */
    @Nullable
    String votedName;

    @Nullable
    Adopted adopted;

    /** Until when holds may last, recoveries between them or not, before this node tries it. */
    @Nullable
    Long holdsEndNanos;

    @Nullable
    Distrust distrust;

    @Nullable
    Long ignoresRecoveriesUntilNanos;

    boolean isEmpty() {
      return failed == null
          && votedName == null
          && holdsEndNanos == null
          && distrust == null
          && ignoresRecoveriesUntilNanos == null;
    }
  }

  /**
   * A hold because of other nodes.
   *
   * @param untilNanos the next retry that it imposed, by which the table's state is recognized
   * @param ownNanos the next retry without it
   * @param basis what the log said last when it was imposed
   */
  private record Adopted(long untilNanos, long ownNanos, EntryId basis) {}

  /**
   * Why votes are ignored: the others left a peer alone that was well here.
   *
   * @param basis what the log said last by then; a recovery after it shows that they were not cut
   *     off, which is believed once
   */
  private record Distrust(long untilNanos, EntryId basis) {}

  /** The engine's clock, read at a time of the table's. */
  private record EngineTime(long nanos, long millis) {
    long millisAt(long nowNanos) {
      return millis + (nowNanos - nanos) / NANOS_PER_MILLI;
    }
  }

  Sharer(RedisSharingBuilder<P> builder, SharingLog log, Counts counts, Runnable wakeUp) {
    table = builder.table;
    name = builder.name;
    peer = builder.peer;
    nodeId = builder.nodeId;
    this.log = log;
    this.counts = counts;
    this.wakeUp = wakeUp;
    maximumPeers = (int) Math.min(MOST_PEERS, table.maximumPeers());
    maxAdoptedNanos = builder.maxAdopted.toNanos();
    long seed = ThreadLocalRandom.current().nextLong();
    merge = new Merge(
        builder.quorum,
        builder.maxAdopted.toMillis(),
        MOST_PEERS,
        name -> new SplittableRandom(seed ^ name.hashCode()).nextDouble());
    completeNanos = table.nanoTime();
  }

  /** Called by the threads that record. */
  @Override
  public void changed(P peer, Change change, BackoffState state) {
    if (change == Change.EVICTED) {
      return; // says nothing about the peer
    }
    if (recorded.size() >= maximumPeers && !recorded.containsKey(peer)) {
      counts.dropped.increment();
    } else {
      recorded.merge(peer, new Recorded(change, state), Recorded::newer);
      wakeUp.run();
    }
  }

  /** Whether the log could be read the last time. */
  boolean isReading() {
    return engineTime != null;
  }

  /** How long ago all that the log has was known. */
  Duration lag() {
    return Duration.ofNanos(Math.max(0, table.nanoTime() - completeNanos));
  }

  // Publishing

  void publish() {
    digestRecorded();
    log.prepareToAppend();
    EngineTime time = engineTime;
    while (time != null) {
      long nowNanos = table.nanoTime();
      Map<String, Outgoing<P>> batch = nextBatch(nowNanos);
      if (batch.isEmpty() && !appendFailed) {
        return;
      }
      Map<String, Report> reports = new LinkedHashMap<>();
      batch.forEach((name, outgoing) -> reports.put(name, outgoing.report(nowNanos)));
      long nowMillis = time.millisAt(nowNanos);
      LogEntry entry = new LogEntry(nodeId, nowMillis, reports, 0);
      appendFailed = true;
      EntryId id = log.append(entry.fields(), horizon(nowMillis));
      appendFailed = false;
      appended(id, batch);
      time = engineTime;
    }
  }

  /** Nothing before it plays a part in a verdict. */
  private synchronized EntryId horizon(long nowMillis) {
    long millis = nowMillis - maxAdoptedNanos / NANOS_PER_MILLI - 2 * CLOCK_ERROR_MILLIS;
    boolean stopped = position.timeMillis() > nowMillis + CLOCK_ERROR_MILLIS;
    return stopped && Long.compareUnsigned(position.sequence(), MOST_ENTRIES_OF_A_MILLISECOND) > 0
        ? new EntryId(position.millis(), position.sequence() - MOST_ENTRIES_OF_A_MILLISECOND)
        : new EntryId(Math.max(0, millis), 0);
  }

  private synchronized Map<String, Outgoing<P>> nextBatch(long nowNanos) {
    Map<String, Outgoing<P>> batch = new LinkedHashMap<>();
    Iterator<Map.Entry<String, Outgoing<P>>> entries = outbox.entrySet().iterator();
    while (entries.hasNext() && batch.size() < LogEntry.MAXIMUM_REPORTS) {
      Map.Entry<String, Outgoing<P>> entry = entries.next();
      Outgoing<P> outgoing = entry.getValue();
      long countsNanos = Math.min(outgoing.delayNanos, maxAdoptedNanos);
      if (outgoing.isVote() && nowNanos - outgoing.sinceNanos >= countsNanos) {
        entries.remove();
      } else {
        batch.put(entry.getKey(), outgoing);
      }
    }
    batch.forEach((name, outgoing) -> {
      if (outgoing.isVote()) { // before, as it may be appended even if that seems to fail
        known(outgoing.peer).votedName = name;
      }
    });
    return batch;
  }

  private synchronized void appended(EntryId id, Map<String, Outgoing<P>> batch) {
    appended = id;
    batch.forEach((name, outgoing) -> {
      outbox.remove(name, outgoing);
      if (!outgoing.isVote()) {
        known(outgoing.peer).votedName = null;
      }
    });
    counts.published.add(batch.size());
  }

  private void say(String name, Outgoing<P> outgoing) {
    if (outbox.size() < maximumPeers || outbox.containsKey(name)) {
      outbox.put(name, outgoing);
    } else {
      counts.dropped.increment();
    }
  }

  // Own outcomes

  private synchronized void digestRecorded() {
    recorded.forEach((peer, change) -> {
      if (recorded.remove(peer, change)) {
        try {
          digest(peer, change, table.nanoTime());
        } catch (RuntimeException | Error e) { // by the caller's functions
          counts.dropped.increment();
        }
        known.computeIfPresent(peer, (p, known) -> known.isEmpty() ? null : known);
      }
    });
  }

  private void digest(P peer, Recorded change, long nowNanos) {
    Known known = known(peer);
    boolean held = known.adopted != null && isCurrent(known.holdsEndNanos, nowNanos);
    known.adopted = null; // the node has tried the peer itself
    known.holdsEndNanos = null;
    known.failed = null;
    BackoffState state = table.state(peer).orElse(null);
    boolean failing = state != null && state.attempts() > 0;
    String name = this.name.apply(peer);
    if (!LogEntry.isName(name)) {
      counts.dropped.increment();
    } else if (change.change == Change.SUCCEEDED && !failing) {
      if (held) { // and nobody said that it recovered
        boolean again = known.distrust != null && known.distrust.untilNanos - nowNanos > 0;
        EntryId basis = again ? EntryId.MAXIMUM : merge.newest(name);
        known.distrust = new Distrust(nowNanos + DISTRUST_NANOS, basis);
      }
      if (known.votedName != null) {
        say(name, new Outgoing<>(peer, nowNanos, 0));
      } else {
        outbox.remove(name);
      }
    } else if (change.change == Change.FAILED
        && state != null
        && state.attempts() == change.state.attempts()
        && state.lastAttemptNanos() == change.state.lastAttemptNanos()) {
      known.failed = change.state;
      BackoffState shorter = // the failure may be postponed, or expedited
          state.nextRetryNanos() < change.state.nextRetryNanos() ? state : change.state;
      if (shorter.remainingNanos(nowNanos) >= WORTHWHILE_NANOS) {
        say(name, vote(peer, shorter));
      }
      settle(name, peer, nowNanos);
    }
  }

  private Outgoing<P> vote(P peer, BackoffState state) {
    long delayNanos = state.remainingNanos(state.lastAttemptNanos());
    return new Outgoing<>(peer, state.lastAttemptNanos(), Math.min(delayNanos, LONGEST_NANOS));
  }

  private Known known(P peer) {
    Known known = this.known.computeIfAbsent(peer, p -> new Known());
    if (this.known.size() > maximumPeers) {
      P eldest = this.known.keySet().iterator().next();
      this.known.remove(eldest);
    }
    return known;
  }

  // Reading

  /** Reads what is new, and waits for it up to a second. Nothing is published while it fails. */
  void read() {
    try {
      EngineTime time = engineTime;
      if (time == null || checksPosition || table.nanoTime() - time.nanos >= RESYNC_NANOS) {
        locate();
      }
      receive(log.read(position, READ_TIMEOUT));
    } catch (Throwable e) {
      engineTime = null;
      throw e;
    }
  }

  /**
   * Reads the engine's clock, and starts over if the last entry that was read or appended is gone.
   * Entries that come after the loss of a log may have lower IDs, which this node would never see.
   */
  private void locate() {
    EngineTime time = readEngineTime();
    boolean lost = isGone();
    if (lost || !positionIsAnEntry) {
      startOver(time, lost);
    }
    boolean wasLost = engineTime == null;
    engineTime = time;
    checksPosition = false;
    if (wasLost) {
      wakeUp.run();
    }
  }

  /** Asks again if the answer took long, as the first one may: that is the error. */
  private EngineTime readEngineTime() {
    EngineTime best = null;
    long bestNanos = 0;
    for (int i = 0; best == null || (i < 3 && bestNanos > GOOD_TIME_READ_NANOS); i++) {
      long nowNanos = table.nanoTime(); // before, so that a hold is too short rather than too long
      EngineTime time = new EngineTime(nowNanos, log.timeMillis());
      long tookNanos = table.nanoTime() - nowNanos;
      if (best == null || tookNanos < bestNanos) {
        best = time;
        bestNanos = tookNanos;
      }
    }
    return best;
  }

  private boolean isGone() {
    EntryId last = lastAppended();
    return (positionIsAnEntry && !isThere(position))
        || (last.compareTo(position) > 0 && !isThere(last));
  }

  private synchronized EntryId lastAppended() {
    return appended;
  }

  private boolean isThere(EntryId id) {
    List<Stored> after = log.read(id.predecessor(), Duration.ZERO);
    return !after.isEmpty() && after.get(0).id().equals(id);
  }

  private synchronized void startOver(EngineTime time, boolean lost) {
    merge.clear();
    position = EntryId.ZERO; // of the old log, and no limit for the horizon of the new one
    position = horizon(time.millis);
    positionIsAnEntry = false;
    if (lost) {
      appended = EntryId.ZERO;
      known.forEach((peer, known) -> {
        if (known.votedName != null && known.failed != null) {
          say(known.votedName, vote(peer, known.failed));
        }
      });
      wakeUp.run();
    }
  }

  private void receive(List<Stored> entries) {
    digestRecorded(); // or a hold of a peer that has just succeeded would be adopted
    long nowNanos = table.nanoTime();
    accept(entries, nowNanos);
    if (entries.size() < SharingLog.MAXIMUM_ENTRIES) {
      completeNanos = nowNanos;
    }
    checksPosition = entries.isEmpty();
  }

  private synchronized void accept(List<Stored> entries, long nowNanos) {
    Map<String, P> mentioned = new LinkedHashMap<>();
    for (Stored stored : entries) {
      position = stored.id();
      positionIsAnEntry = true;
      LogEntry entry = LogEntry.parse(stored.fields());
      if (entry == null) {
        counts.dropped.increment();
      } else {
        accept(stored.id(), entry, nowNanos, mentioned);
      }
    }
    merge.forgetBefore(nowMillis(nowNanos) - maxAdoptedNanos / NANOS_PER_MILLI);
    mentioned.forEach((name, peer) -> settle(name, peer, nowNanos));
  }

  private void accept(EntryId id, LogEntry entry, long nowNanos, Map<String, P> mentioned) {
    counts.dropped.add(entry.dropped());
    long sentMillis = Math.min(id.timeMillis(), entry.sentMillis());
    if (sentMillis > nowMillis(nowNanos) + CLOCK_ERROR_MILLIS) { // the engine's clock was set back
      counts.dropped.add(entry.reports().size());
      return;
    }
    entry.reports().forEach((name, report) -> {
      P peer = peer(name);
      if (peer == null) {
        counts.dropped.increment();
        return;
      }
      merge.add(id, entry.node(), name, sentMillis - report.ageMillis(), report.delayMillis());
      mentioned.put(name, peer);
      if (!entry.node().equals(nodeId)) {
        counts.received.increment();
      }
    });
  }

  private @Nullable P peer(String name) {
    try {
      return peer.apply(name);
    } catch (RuntimeException | Error e) {
      return null;
    }
  }

  private long nowMillis(long nowNanos) {
    EngineTime time = engineTime;
    return time == null ? Long.MIN_VALUE : time.millisAt(nowNanos);
  }

  // What the table learns

  /** Makes of a peer what the log says about it. */
  private void settle(String name, P peer, long nowNanos) {
    EngineTime time = engineTime;
    if (time == null) {
      return;
    }
    long nowMillis = time.millisAt(nowNanos);
    long heldUntilMillis = merge.heldUntilMillis(name);
    if (heldUntilMillis > nowMillis) {
      adopt(name, peer, nowNanos, (heldUntilMillis - nowMillis) * NANOS_PER_MILLI);
      return;
    }
    Known known = this.known.get(peer);
    long recoveredMillis = merge.recoveredMillis(name);
    if (known != null && recoveredMillis != Merge.NONE) {
      long recoveredNanos = nowNanos - (nowMillis - recoveredMillis) * NANOS_PER_MILLI;
      recover(peer, known, merge.recovered(name), recoveredNanos, nowNanos);
    }
  }

  /**
   * Postpones a peer because of other nodes. The hold is prolonged if the verdict is, but then this
   * node tries the peer itself before it adopts another one: the others may be cut off from a peer
   * that is well.
   */
  private void adopt(String name, P peer, long nowNanos, long verdictNanos) {
    Known known = known(peer);
    Distrust distrust = known.distrust;
    if (distrust != null
        && distrust.untilNanos - nowNanos > 0
        && merge.recovered(name).compareTo(distrust.basis) <= 0) {
      return;
    }
    if (!isCurrent(known.holdsEndNanos, nowNanos)) {
      double share = 1 - JITTER * ThreadLocalRandom.current().nextDouble();
      known.holdsEndNanos = nowNanos + (long) (maxAdoptedNanos * share);
      known.adopted = null;
    }
    Adopted adopted = known.adopted;
    long untilNanos = Math.min(nowNanos + verdictNanos, requireNonNull(known.holdsEndNanos));
    long presentNanos = adopted == null ? nowNanos : Math.max(adopted.untilNanos, nowNanos);
    long ownNanos = table.state(peer).map(BackoffState::nextRetryNanos).orElse(nowNanos);
    if (untilNanos - presentNanos >= WORTHWHILE_NANOS
        && table.postpone(peer, nowNanos, untilNanos - nowNanos)) {
      if (adopted == null) {
        counts.adopted.increment();
      } else if (ownNanos == adopted.untilNanos) {
        ownNanos = adopted.ownNanos;
      }
      known.adopted = new Adopted(untilNanos, ownNanos, merge.newest(name));
    }
  }

  /** Whether a hold is there, or was not long ago; it is forgotten if nobody needs the peer. */
  private boolean isCurrent(@Nullable Long holdsEndNanos, long nowNanos) {
    return holdsEndNanos != null && nowNanos - holdsEndNanos < maxAdoptedNanos;
  }

  private static boolean isAhead(@Nullable Long nanos, long nowNanos) {
    return nanos != null && nanos - nowNanos > 0;
  }

  /**
   * Ends a hold that other nodes caused, or moves the probe of a peer ahead that failed here. What
   * else imposed a delay stays: the peer's own word, a postponement by the caller, a probe in
   * flight. A node that reports every peer well could make the others send all the time, so a peer
   * that failed is only probed early now and then.
   */
  private void recover(P peer, Known known, EntryId recovered, long recoveredNanos, long nowNanos) {
    BackoffState failed = known.failed;
    boolean hinted = failed == null
        || (recoveredNanos - failed.lastAttemptNanos() > 0
            && !isAhead(known.ignoresRecoveriesUntilNanos, nowNanos));
    long soonNanos = nowNanos + ThreadLocalRandom.current().nextLong(SPREAD_NANOS);
    Adopted adopted = known.adopted;
    boolean moved = false;
    if (adopted != null) {
      if (recovered.compareTo(adopted.basis) <= 0) {
        return;
      }
      known.adopted = null;
      boolean failedHere = failed != null && failed.nextRetryNanos() == adopted.ownNanos;
      long dueNanos = failedHere && hinted ? soonNanos : Math.max(soonNanos, adopted.ownNanos);
      moved = moveAhead(peer, adopted.untilNanos, dueNanos, nowNanos);
      if (moved) {
        counts.lifted.increment();
      }
    } else if (failed != null && hinted) {
      moved = moveAhead(peer, failed.nextRetryNanos(), soonNanos, nowNanos);
    }
    if (moved && hinted && failed != null) {
      known.ignoresRecoveriesUntilNanos = nowNanos + DISTRUST_NANOS;
    }
  }

  /** Makes the peer due earlier if its next retry is the one that is expected. */
  private boolean moveAhead(P peer, long expectedNanos, long dueNanos, long nowNanos) {
    BackoffState state = table.state(peer).orElse(null);
    return state != null
        && state.nextRetryNanos() == expectedNanos
        && expectedNanos > dueNanos
        && !table.isProbing(peer, nowNanos)
        && table.replaceState(
            peer, state, new BackoffState(state.attempts(), state.lastAttemptNanos(), dueNanos));
  }
}
