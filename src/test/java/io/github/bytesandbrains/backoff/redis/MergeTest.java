package io.github.bytesandbrains.backoff.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class MergeTest {
  private static final long MAX_ADOPTED = 30_000;
  private static final int MANY = 10_000;
  private static final String PEER = "p";

  private final Merge merge = new Merge(2, MAX_ADOPTED, MANY);

  /** What one entry says about one peer. */
  private record Report(EntryId id, String node, long sentMillis, String peer, long remaining) {
    void addTo(Merge merge) {
      merge.add(id, node, sentMillis, peer, remaining);
    }
  }

  private void vote(long millis, String node, long remaining) {
    new Report(new EntryId(millis, 0), node, millis, PEER, remaining).addTo(merge);
  }

  private void recovery(long millis, String node) {
    vote(millis, node, 0);
  }

  @Test
  void heldUntil_fewerVotersThanTheQuorum_isNone() {
    vote(1_000, "a", 5_000);
    vote(2_000, "a", 20_000);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(Merge.NONE);
    assertThat(merge.heldUntilMillis("unheard of")).isEqualTo(Merge.NONE);
  }

  @Test
  void heldUntil_threeVotersQuorumOfTwo_isTheSecondLatestDeadline() {
    vote(1_000, "a", 5_000);
    vote(1_000, "b", 7_000);
    vote(1_000, "c", 9_000);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(8_000);
  }

  @Test
  void heldUntil_oneVoterWithAVeryLongDelay_doesNotProlongIt() {
    vote(1_000, "a", 5_000);
    vote(1_000, "liar", Long.MAX_VALUE);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(6_000);
  }

  @Test
  void heldUntil_longDelays_isAtMostMaxAdoptedAfterTheVotes() {
    vote(1_000, "a", Long.MAX_VALUE);
    vote(3_000, "b", 3_600_000);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(1_000 + MAX_ADOPTED);
  }

  @Test
  void heldUntil_laterVoteOfTheSameNode_replacesItsEarlierOneEvenIfShorter() {
    vote(1_000, "a", 20_000);
    vote(1_000, "b", 20_000);
    vote(2_000, "b", 500);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(2_500);
  }

  @Test
  void heldUntil_recoveryAfterTheVotes_isNoneUntilAQuorumVotesAgain() {
    vote(1_000, "a", 20_000);
    vote(1_000, "b", 20_000);
    recovery(2_000, "a");

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(Merge.NONE);
    vote(3_000, "b", 20_000);
    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(Merge.NONE);
    vote(4_000, "c", 5_000);
    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(9_000);
    assertThat(merge.recovered(PEER)).isEqualTo(new EntryId(2_000, 0));
    assertThat(merge.recoveredMillis(PEER)).isEqualTo(2_000);
    assertThat(merge.newest(PEER)).isEqualTo(new EntryId(4_000, 0));
  }

  @Test
  void heldUntil_entryThatTheEngineExecutedLate_countsFromWhenItWasSent() {
    merge.add(new EntryId(40_000, 0), "a", 1_000, PEER, 10_000);
    merge.add(new EntryId(40_000, 1), "b", 39_000, PEER, 10_000);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(11_000);
  }

  @Test
  void heldUntil_nodeWhoseClockIsAhead_countsFromTheIdOfTheEntry() {
    merge.add(new EntryId(1_000, 0), "a", 90_000, PEER, 10_000);
    merge.add(new EntryId(1_000, 1), "b", 90_000, PEER, 10_000);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(11_000);
  }

  /** The verdict in other words: of all that was said, in the order of the IDs. */
  private static long expected(Set<Report> reports, String peer, int quorum) {
    Map<String, Long> deadlines = new HashMap<>();
    reports.stream()
        .filter(report -> report.peer.equals(peer))
        .sorted((one, other) -> one.id.compareTo(other.id))
        .forEach(report -> {
          if (report.remaining == 0) {
            deadlines.clear();
          } else {
            long millis = Math.min(report.id.timeMillis(), report.sentMillis);
            deadlines.put(report.node, millis + Math.min(report.remaining, MAX_ADOPTED));
          }
        });
    List<Long> latestFirst = new ArrayList<>(deadlines.values());
    latestFirst.sort(Collections.reverseOrder());
    return latestFirst.size() < quorum ? Merge.NONE : latestFirst.get(quorum - 1);
  }

  @RepeatedTest(200)
  void add_anyOrderAnyDuplicationAnyRereading_givesTheSameVerdict() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    int quorum = 1 + random.nextInt(4);
    List<Report> log = new ArrayList<>();
    long millis = random.nextLong(1L << 40);
    int sequence = 0;
    for (int i = random.nextInt(120); i >= 0; i--) {
      boolean sameMilli = random.nextInt(3) == 0;
      sequence = sameMilli ? sequence + 1 : 0;
      millis += sameMilli ? 0 : random.nextInt(20_000);
      log.add(new Report(
          new EntryId(millis, sequence),
          "node" + random.nextInt(6),
          Math.max(0, millis + random.nextInt(-5_000, 1_000)),
          "peer" + random.nextInt(3),
          random.nextInt(4) == 0 ? 0 : random.nextInt(1, 60_000)));
    }
    List<Report> read = new ArrayList<>(log);
    for (int reread = random.nextInt(4); reread > 0; reread--) {
      read.addAll(log.subList(random.nextInt(log.size()), log.size()));
    }
    for (int order = 0; order < 5; order++) {
      Merge merged = new Merge(quorum, MAX_ADOPTED, MANY);
      Set<Report> before = new HashSet<>();
      for (Report report : read) {
        report.addTo(merged);
        before.add(report);
        assertThat(merged.heldUntilMillis(report.peer))
            .as("seed %s, order %s", seed, order)
            .isEqualTo(expected(before, report.peer, quorum));
      }
      Collections.shuffle(read, random);
    }
  }

  @Test
  void add_millionsOfPeersAndNodes_remembersBoundedlyMany() {
    for (int i = 0; i < 100_000; i++) {
      merge.add(new EntryId(1_000 + i, 0), "node" + i, 1_000 + i, "peer" + i, 5_000);
      merge.add(new EntryId(1_000 + i, 1), "node" + i, 1_000 + i, PEER, 5_000);
      assertThat(merge.size()).isLessThanOrEqualTo(MANY);
    }
    for (int i = 0; i < 1_000; i++) {
      merge.add(new EntryId(200_000 + i, 1), "other" + i, 200_000 + i, PEER, 5_000);
    }
    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(205_998);
  }

  @Test
  void forgetBefore_peersThatWereMentionedLater_stay() {
    vote(1_000, "a", 5_000);
    merge.add(new EntryId(2_000, 0), "a", 2_000, "q", 5_000);
    merge.add(new EntryId(2_000, 1), "b", 2_000, "q", 5_000);

    merge.forgetBefore(2_000);

    assertThat(merge.newest(PEER)).isEqualTo(EntryId.ZERO);
    assertThat(merge.heldUntilMillis("q")).isEqualTo(7_000);
    assertThat(merge.size()).isEqualTo(3);
    merge.clear();
    assertThat(merge.size()).isZero();
  }
}
