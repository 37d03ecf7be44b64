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

  private static final long GRACE = 200;

  private final Merge merge = new Merge(2, MAX_ADOPTED, MANY, peer -> 0);

  /** What one entry says about one peer. */
  private record Said(EntryId id, String node, String peer, long since, long delay) {
    void addTo(Merge merge) {
      merge.add(id, node, peer, since, delay);
    }
  }

  private void vote(long millis, String node, long delay) {
    new Said(new EntryId(millis, 0), node, PEER, millis, delay).addTo(merge);
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

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(8_000 + GRACE);
  }

  @Test
  void heldUntil_oneVoterWithAVeryLongDelay_doesNotProlongIt() {
    vote(1_000, "a", 5_000);
    vote(1_000, "liar", Long.MAX_VALUE);

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(6_000 + GRACE);
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

    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(2_500 + GRACE);
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
    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(9_000 + GRACE);
    assertThat(merge.recovered(PEER)).isEqualTo(new EntryId(2_000, 0));
    assertThat(merge.recoveredMillis(PEER)).isEqualTo(2_000);
    assertThat(merge.newest(PEER)).isEqualTo(new EntryId(4_000, 0));
  }

  @Test
  void heldUntil_jitter_lengthensDelaysAndShortensTheLongest() {
    Merge jittered = new Merge(1, MAX_ADOPTED, MANY, peer -> peer.equals("p") ? 0.5 : 1);
    jittered.add(new EntryId(1_000, 0), "a", "p", 1_000, 10_000);
    jittered.add(new EntryId(1_000, 1), "a", "q", 1_000, 3_600_000);

    assertThat(jittered.heldUntilMillis("p")).isEqualTo(1_000 + 10_500 + GRACE);
    assertThat(jittered.heldUntilMillis("q")).isEqualTo(1_000 + 27_000);
  }

  /** The verdict in other words: of all that was said, in the order of the IDs. */
  private static long expected(Set<Said> reports, String peer, int quorum) {
    Map<String, Long> deadlines = new HashMap<>();
    reports.stream()
        .filter(report -> report.peer.equals(peer))
        .sorted((one, other) -> one.id.compareTo(other.id))
        .forEach(report -> {
          if (report.delay == 0) {
            deadlines.clear();
          } else {
            deadlines.put(report.node, report.since + Math.min(report.delay + GRACE, MAX_ADOPTED));
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
    List<Said> log = new ArrayList<>();
    long millis = random.nextLong(1L << 40);
    int sequence = 0;
    for (int i = random.nextInt(120); i >= 0; i--) {
      boolean sameMilli = random.nextInt(3) == 0;
      sequence = sameMilli ? sequence + 1 : 0;
      millis += sameMilli ? 0 : random.nextInt(1, 20_000);
      log.add(new Said(
          new EntryId(millis, sequence),
          "node" + random.nextInt(6),
          "peer" + random.nextInt(3),
          millis - random.nextInt(5_000),
          random.nextInt(4) == 0 ? 0 : random.nextInt(1, 60_000)));
    }
    List<Said> read = new ArrayList<>(log);
    for (int reread = random.nextInt(4); reread > 0; reread--) {
      read.addAll(log.subList(random.nextInt(log.size()), log.size()));
    }
    for (int order = 0; order < 5; order++) {
      Merge merged = new Merge(quorum, MAX_ADOPTED, MANY, peer -> 0);
      Set<Said> before = new HashSet<>();
      for (Said report : read) {
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
      merge.add(new EntryId(1_000 + i, 0), "node" + i, "peer" + i, 1_000 + i, 5_000);
      merge.add(new EntryId(1_000 + i, 1), "node" + i, PEER, 1_000 + i, 5_000);
      assertThat(merge.size()).isLessThanOrEqualTo(MANY);
    }
    for (int i = 0; i < 1_000; i++) {
      merge.add(new EntryId(200_000 + i, 1), "other" + i, PEER, 200_000 + i, 5_000);
    }
    assertThat(merge.heldUntilMillis(PEER)).isEqualTo(205_998 + GRACE);
  }

  @Test
  void forgetBefore_peersThatWereMentionedLater_stay() {
    vote(1_000, "a", 5_000);
    merge.add(new EntryId(2_000, 0), "a", "q", 2_000, 5_000);
    merge.add(new EntryId(2_000, 1), "b", "q", 2_000, 5_000);

    merge.forgetBefore(2_000);

    assertThat(merge.newest(PEER)).isEqualTo(EntryId.ZERO);
    assertThat(merge.heldUntilMillis("q")).isEqualTo(7_000 + GRACE);
    assertThat(merge.size()).isEqualTo(3);
    merge.clear();
    assertThat(merge.size()).isZero();
  }
}
