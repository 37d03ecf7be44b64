package io.github.bytesandbrains.backoff.redis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import io.github.bytesandbrains.backoff.BackoffSchedule;
import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Permit;
import io.github.bytesandbrains.backoff.redis.LogEntry.Report;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that share a log in memory, step by step and without a thread. */
final class SharerTest {
  /** Never connects; the builder wants one. */
  private static final RedisClient CLIENT = RedisClient.create("redis://localhost:1");

  private static final Duration MAX_ADOPTED = Duration.ofSeconds(30);
  private static final Duration SPREAD = Duration.ofMillis(250);
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  private static final Duration DISTRUST = Duration.ofMinutes(5);

  private final FakeLog log = new FakeLog();
  private final List<Node> nodes = new ArrayList<>();

  /** A node whose clock has nothing to do with those of the others. */
  private final class Node {
    final FakeClock clock = new FakeClock();
    final Counts counts = new Counts();
    final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .schedule(BackoffSchedule.exponential(TEN_SECONDS, Duration.ofMinutes(10)))
        .maxAdvisory(Duration.ofHours(3))
        .nanoTime(clock)
        .maximumPeers(1_000)
        .build();
    final Sharer<String> sharer;

    Node(String id) {
      RedisSharingBuilder<String> builder =
          RedisSharing.builder(table, CLIENT, Node::name, Node::peer).nodeId(id);
      sharer = new Sharer<>(builder, log, counts, () -> {});
      table.addListener(sharer);
      nodes.add(this);
    }

    private static String name(String peer) {
      if (peer.startsWith("nameless")) {
        throw new IllegalArgumentException(peer);
      }
      return peer;
    }

    private static @Nullable String peer(String name) {
      if (name.startsWith("throws")) {
        throw new IllegalArgumentException(name);
      }
      if (name.startsWith("error")) {
        throw new StackOverflowError();
      }
      return name.startsWith("unknown") ? null : name;
    }

    void step() {
      sharer.read();
      sharer.publish();
    }

    boolean isFree(String peer) {
      return table.shouldRetry(peer);
    }

    BackoffState state(String peer) {
      return requireNonNull(table.state(peer).orElse(null));
    }
  }

  @AfterAll
  static void shutDown() {
    CLIENT.shutdown();
  }

  private Node node(String id) {
    return new Node(id);
  }

  private void advance(Duration time) {
    log.millis += time.toMillis();
    nodes.forEach(node -> node.clock.advance(time));
  }

  /** Everybody publishes, and then everybody reads. */
  private void exchange() {
    nodes.forEach(Node::step);
    nodes.forEach(Node::step);
  }

  /** Two nodes find the peer failing, and a third one hears it. */
  private Node heldNode() {
    node("a").table.recordFailure("p");
    node("b").table.recordFailure("p");
    Node held = node("c");
    exchange();
    assertThat(held.isFree("p")).isFalse();
    return held;
  }

  // What is published

  @Test
  void publish_ownFailure_isAppendedWithWhatRemains() {
    Node a = node("a");
    a.table.recordFailure("p");
    advance(Duration.ofSeconds(4));

    exchange();

    assertThat(log.said()).containsExactly("a [p, 10000,4000]");
    assertThat(a.counts.published.sum()).isEqualTo(1);
    assertThat(a.counts.received.sum()).as("its own").isZero();
  }

  @Test
  void publish_manyFailuresOfATick_areFewEntriesWithOneReportAPeer() {
    Node a = node("a");
    for (int i = 0; i < 200; i++) {
      a.table.recordFailure("p" + i);
      a.table.recordFailure("p" + i);
    }

    exchange();

    assertThat(log.entries.values().stream().map(fields -> fields.size() / 2 - 2))
        .containsExactly(128, 72);
    assertThat(log.said().get(0)).contains(", 20000,").doesNotContain(", 10000,");
  }

  @Test
  void publish_failureThatIsSoonOver_isNotAppended() {
    ConcurrentBackoffTable<String> quick = ConcurrentBackoffTable.create();
    Sharer<String> sharer = new Sharer<>(
        RedisSharing.builder(quick, CLIENT, p -> p, p -> p), log, new Counts(), () -> {});
    quick.addListener(sharer);
    quick.recordFailure("p");

    sharer.read();
    sharer.publish();

    assertThat(log.entries).isEmpty();
  }

  @Test
  void publish_advisoryOrPostponement_isNotAppended() {
    Node a = node("a");
    a.table.recordRemoteAdvisory("p", TEN_SECONDS);
    a.table.postpone("q", TEN_SECONDS);

    exchange();

    assertThat(log.entries).isEmpty();
  }

  @Test
  void publish_successOfAPeerWithoutAVote_isNotAppended() {
    Node a = node("a");
    a.table.recordFailure("p");
    a.table.recordSuccess("p");

    exchange();

    assertThat(log.entries).isEmpty();
  }

  @Test
  void publish_successAfterAVote_isAppendedOnce() {
    Node a = node("a");
    a.table.recordFailure("p");
    exchange();
    a.table.recordSuccess("p");
    exchange();
    a.table.recordFailure("p");
    a.table.recordSuccess("p");
    exchange();

    assertThat(log.said()).containsExactly("a [p, 10000,0]", "a [p, 0,0]");
  }

  @Test
  void publish_delayThatNeverEnds_isAnHour() {
    Node a = node("a");
    a.table.restoreState("p", new BackoffState(1, a.clock.getAsLong(), Long.MAX_VALUE));
    a.sharer.changed("p", Change.FAILED, a.state("p"));

    exchange();

    assertThat(log.said()).containsExactly("a [p, 3600000,0]");
  }

  @Test
  void publish_adoptedHold_isNotAppended() {
    heldNode();

    exchange();

    assertThat(log.said()).noneMatch(entry -> entry.startsWith("c"));
  }

  @Test
  void publish_longNameOrFunctionThatThrows_isDroppedAndOthersAreAppended() {
    Node a = node("a");
    a.table.recordFailure("x".repeat(257));
    a.table.recordFailure("nameless");
    a.table.recordFailure("");
    a.table.recordFailure("p");

    exchange();

    assertThat(log.said()).containsExactly("a [p, 10000,0]");
    assertThat(a.counts.dropped.sum()).isEqualTo(3);
  }

  // Without the engine

  @Test
  void publish_logIsDown_keepsOneVotePerPeerBoundedlyMany() {
    Node a = node("a");
    log.down = true;
    for (int i = 0; i < 1_000; i++) {
      a.table.recordFailure("p" + i);
      a.table.recordFailure("p" + i);
    }
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    assertThatThrownBy(a.sharer::publish).isInstanceOf(RedisException.class);
    for (int i = 0; i < 3_000; i++) {
      a.sharer.changed("q" + i, Change.FAILED, a.state("p0"));
    }
    assertThat(a.counts.dropped.sum()).as("beyond the maximum").isEqualTo(2_000);
    log.down = false;

    exchange();

    assertThat(log.entries.values().stream()
            .mapToInt(fields -> fields.size() / 2 - 2)
            .sum())
        .isEqualTo(1_000);
    assertThat(log.said().get(0)).contains(", 20000,").doesNotContain(", 10000,");
  }

  @Test
  void publish_voteThatExpiredWhileTheLogWasDown_isNotAppended() {
    Node a = node("a");
    exchange();
    log.readOnly = true;
    a.table.recordFailure("p");
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    a.table.recordFailure("q");
    a.table.recordFailure("q");
    advance(Duration.ofSeconds(11));
    log.readOnly = false;

    exchange();

    assertThat(log.said()).containsExactly("a [q, 20000,11000]");
  }

  @Test
  void publish_appendThatFailed_isRepeated() {
    Node a = node("a");
    exchange();
    log.readOnly = true;
    a.table.recordFailure("p");
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    log.readOnly = false;

    exchange();

    assertThat(log.said()).containsExactly("a [p, 10000,0]");
  }

  /** The engine may have executed it. */
  @Test
  void publish_successAfterAnAppendThatFailed_isAppended() {
    Node a = node("a");
    exchange();
    log.readOnly = true;
    a.table.recordFailure("p");
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    a.table.recordSuccess("p");
    log.readOnly = false;

    exchange();

    assertThat(log.said()).containsExactly("a [p, 0,0]");
  }

  @Test
  void lag_logIsDown_grows() {
    Node a = node("a");
    exchange();
    assertThat(a.sharer.lag()).isZero();
    log.down = true;
    advance(TEN_SECONDS);
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);

    assertThat(a.sharer.lag()).isEqualTo(TEN_SECONDS);
  }

  // Adopting

  @Test
  void read_votesOfAQuorum_postponeThePeerUntilALittleAfterTheirProbes() {
    Node c = heldNode();

    assertThat(c.table.remaining("p"))
        .isBetween(Duration.ofMillis(10_200), Duration.ofMillis(11_200));
    assertThat(c.state("p").attempts()).isZero();
    assertThat(c.counts.adopted.sum()).isEqualTo(1);
    assertThat(c.counts.received.sum()).isEqualTo(2);
  }

  @Test
  void read_oneVoter_changesNothing() {
    node("a").table.recordFailure("p");
    Node b = node("b");
    for (int i = 0; i < 10; i++) {
      exchange();
      nodes.get(0).table.recordFailure("p");
    }

    assertThat(b.table.isEmpty()).isTrue();
  }

  @Test
  void read_ownStateThatIsLonger_stays() {
    Node c = node("c");
    for (int i = 0; i < 4; i++) {
      c.table.recordFailure("p");
    }
    BackoffState own = c.state("p");
    log.add("a", "p", 5_000);
    log.add("b", "p", 5_000);

    exchange();

    assertThat(c.table.state("p")).contains(own);
    assertThat(c.counts.adopted.sum()).isZero();
  }

  @Test
  void read_ownStateThatIsShorter_isPostponedWithItsAttempts() {
    Node c = node("c");
    c.table.recordFailure("p");
    log.add("a", "p", 25_000);
    log.add("b", "p", 25_000);

    exchange();

    assertThat(c.state("p").attempts()).isEqualTo(1);
    assertThat(c.table.remaining("p")).isBetween(Duration.ofSeconds(25), Duration.ofSeconds(28));
  }

  @Test
  void read_votesWithVeryLongDelays_holdAtMostMaxAdoptedAfterTheLastOne() {
    Node c = node("c");
    log.add("a", "p", Long.MAX_VALUE / 10_000_000);
    advance(TEN_SECONDS);
    log.add("b", "p", 3_600_000);
    exchange();

    assertThat(c.table.remaining("p")).isBetween(Duration.ofSeconds(17), Duration.ofSeconds(20));
  }

  @Test
  void read_entriesOfLongAgo_holdNobody() {
    Node c = node("c");
    log.add("a", "p", 3_600_000);
    log.add("b", "p", 3_600_000);
    advance(MAX_ADOPTED);
    exchange();

    assertThat(c.table.isEmpty()).isTrue();
  }

  @Test
  void read_unknownPeersAndFunctionThatThrows_areDropped() {
    Node c = node("c");
    log.add("a", "unknown", 5_000);
    log.add("b", "throws", 5_000);
    exchange();

    assertThat(c.table.isEmpty()).isTrue();
    assertThat(c.counts.dropped.sum()).isEqualTo(2);
    assertThat(c.counts.received.sum()).isZero();
  }

  /** Two nodes that are cut off from a peer take turns to vote without end. */
  @Test
  void read_votesThatNeverEnd_letTheNodeTryThePeerItself() {
    Node c = node("c");
    long held = 0;
    while (!c.isFree("p") || held == 0) {
      log.add("a", "p", 60_000);
      log.add("b", "p", 60_000);
      exchange();
      advance(Duration.ofSeconds(1));
      held++;
    }

    assertThat(held).isBetween(27L, 31L);
    exchange();
    assertThat(c.isFree("p")).as("until it has tried").isTrue();

    c.table.recordFailure("p");
    log.add("b", "p", 60_000);
    exchange();
    assertThat(c.table.remaining("p")).isGreaterThan(Duration.ofSeconds(20));
    assertThat(c.counts.adopted.sum()).isEqualTo(2);
  }

  @Test
  void read_peerThatIsWellHere_isNotAdoptedForFiveMinutes() {
    Node c = heldNode();
    advance(TEN_SECONDS.plusSeconds(2));
    Permit probe = c.table.acquire("p");
    probe.recordSuccess();
    for (int i = 0; i < 5; i++) {
      log.add("a", "p", 60_000);
      log.add("b", "p", 60_000);
      exchange();
      assertThat(c.table.isEmpty()).isTrue();
      advance(Duration.ofMinutes(1));
    }
    log.add("a", "p", 60_000);
    log.add("b", "p", 60_000);
    exchange();

    assertThat(c.isFree("p")).isFalse();
  }

  @Test
  void read_peerThatIsWellHereFirst_othersAreBelievedAgainOnceTheySayTheSame() {
    Node c = heldNode();
    advance(TEN_SECONDS.plusSeconds(2));
    c.table.acquire("p").recordSuccess();
    c.step();
    nodes.get(0).table.recordSuccess("p");
    exchange();

    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    exchange();

    assertThat(c.isFree("p")).isFalse();
  }

  @Test
  void read_everyPeerReportedDeadByOneNode_changesNothing() {
    Node c = node("c");
    for (int i = 0; i < 500; i++) {
      log.add("cut-off", "p" + i, 60_000);
    }
    for (int i = 0; i < 10; i++) {
      exchange();
    }

    assertThat(c.table.isEmpty()).isTrue();
    assertThat(c.counts.received.sum()).isEqualTo(500);
  }

  // Recovery

  @Test
  void read_recovery_liftsTheHoldWithinTheSpreadAndAdmitsOneProbe() {
    Node c = heldNode();
    nodes.get(0).table.recordSuccess("p");
    exchange();

    assertThat(c.table.remaining("p")).isLessThanOrEqualTo(SPREAD);
    assertThat(c.counts.lifted.sum()).isEqualTo(1);
    advance(SPREAD);
    c.table.acquire("p");
    assertThat(c.table.tryAcquire("p")).isEmpty();
  }

  @Test
  void read_recoveryThenNewOutage_isAdoptedAgain() {
    Node c = heldNode();
    nodes.get(0).table.recordSuccess("p");
    exchange();
    advance(SPREAD);
    c.table.acquire("p").recordSuccess();
    exchange();
    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    exchange();

    assertThat(c.table.remaining("p")).isGreaterThan(Duration.ofSeconds(17));
  }

  @Test
  void read_recovery_leavesThePeersOwnWordAndThePostponementOfTheCaller() {
    Node c = heldNode();
    c.table.recordRemoteAdvisory("p", Duration.ofHours(1));
    c.table.postpone("q", Duration.ofHours(1));
    log.add("a", "q", 0);
    nodes.get(0).table.recordSuccess("p");
    exchange();

    assertThat(c.table.remaining("p")).isEqualTo(Duration.ofHours(1));
    assertThat(c.table.remaining("q")).isEqualTo(Duration.ofHours(1));
    assertThat(c.counts.lifted.sum()).isZero();
  }

  @Test
  void read_recovery_leavesWhatWasPostponedLongerMeanwhile() {
    Node c = heldNode();
    c.table.postpone("p", Duration.ofHours(1));
    nodes.get(0).table.recordSuccess("p");
    exchange();

    assertThat(c.table.remaining("p")).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void read_recoveryOfAPeerThatFailedHere_movesItsProbeAheadAndKeepsItsAttempts() {
    Node a = node("a");
    a.table.recordFailure("p");
    a.table.recordFailure("p");
    exchange();
    advance(Duration.ofSeconds(1));
    log.add("b", "p", 0);
    exchange();

    assertThat(a.table.remaining("p")).isLessThanOrEqualTo(SPREAD);
    assertThat(a.state("p").attempts()).isEqualTo(2);
  }

  @Test
  void read_recoveryFromBeforeTheFailure_changesNothing() {
    Node a = node("a");
    exchange();
    log.add("b", "p", 0);
    advance(Duration.ofSeconds(1));
    a.table.recordFailure("p");
    exchange();

    assertThat(a.table.remaining("p")).isEqualTo(TEN_SECONDS);
  }

  /** It would make the others send to every dead peer all the time. */
  @Test
  void read_nodeThatReportsEveryPeerWell_movesAProbeAheadOnceInFiveMinutes() {
    Node a = node("a");
    int probes = 0;
    a.table.recordFailure("p");
    for (int second = 0; second < DISTRUST.toSeconds(); second++) {
      log.add("liar", "p", 0);
      exchange();
      advance(Duration.ofSeconds(1));
      if (a.isFree("p")) {
        probes++;
        a.table.recordFailure("p");
      }
    }

    assertThat(probes).as("after 1, 20, 40, 80, 160 s").isLessThanOrEqualTo(5);
  }

  @Test
  void read_recoveryWhileAProbeIsInFlight_leavesItsLease() {
    Node c = node("c");
    c.table.recordFailure("p");
    exchange();
    advance(TEN_SECONDS);
    Permit probe = c.table.acquire("p");
    log.add("b", "p", 0);
    exchange();

    assertThat(c.table.tryAcquire("p")).isEmpty();
    assertThat(probe.recordSuccess()).isTrue();
  }

  // The log

  @Test
  void read_logLostAndIdsRunBackwards_isHeardAgainAndOwnVotesAreRepeated() {
    Node a = node("a");
    a.table.recordFailure("p");
    a.table.recordFailure("p");
    a.table.recordFailure("p");
    exchange();
    log.entries.clear();
    log.millis -= Duration.ofDays(1).toMillis();
    advance(TEN_SECONDS);
    exchange();
    assertThat(log.said()).containsExactly("a [p, 40000,10000]");
    log.add("b", "q", 5_000);
    log.add("c", "q", 5_000);
    exchange();

    assertThat(a.isFree("q")).isFalse();
  }

  @Test
  void read_logLostBeforeItsOwnVoteWasRead_repeatsTheVoteOnce() {
    Node a = node("a");
    a.sharer.read();
    a.table.recordFailure("p");
    a.sharer.publish();
    log.entries.clear();
    for (int i = 0; i < 5; i++) {
      exchange();
    }

    assertThat(log.said()).containsExactly("a [p, 10000,0]");
  }

  @Test
  void read_quietLog_repeatsNoVoteThatIsTooOld() {
    Node a = node("a");
    a.table.recordFailure("p");
    exchange();
    advance(Duration.ofMinutes(1));
    log.entries.clear();
    for (int i = 0; i < 5; i++) {
      exchange();
    }

    assertThat(log.entries).isEmpty();
    assertThat(a.counts.published.sum()).isEqualTo(1);
  }

  @Test
  void read_logLost_doesNotProlongWhatWasHeld() {
    Node c = heldNode();
    BackoffState held = c.state("p");
    log.entries.clear();
    log.millis -= Duration.ofDays(1).toMillis();
    exchange();
    exchange();

    assertThat(c.table.state("p")).contains(held);
  }

  @Test
  void read_sameLogAfterAnOutage_continuesAndRepeatsNothing() {
    Node c = heldNode();
    BackoffState held = c.state("p");
    int entries = log.entries.size();
    log.down = true;
    nodes.forEach(node -> assertThatThrownBy(node::step).isInstanceOf(RedisException.class));
    log.down = false;
    exchange();

    assertThat(log.entries).hasSize(entries);
    assertThat(c.table.state("p")).contains(held);
    assertThat(c.counts.received.sum()).isEqualTo(2);
  }

  @Test
  void read_outageOfTheLog_whatWasAddedMeanwhileIsHeard() {
    Node c = node("c");
    exchange();
    log.down = true;
    assertThatThrownBy(c::step).isInstanceOf(RedisException.class);
    log.add("a", "p", 60_000);
    log.add("b", "p", 60_000);
    advance(TEN_SECONDS);
    log.down = false;
    exchange();

    assertThat(c.table.remaining("p")).isBetween(Duration.ofSeconds(17), Duration.ofSeconds(20));
  }

  @Test
  void read_clockOfTheEngineSetBack_ofTheSameLog_holdsNobodyTooLong() {
    Node c = node("c");
    log.add("a", "x", 1_000);
    exchange();
    log.millis -= Duration.ofHours(1).toMillis();
    advance(TEN_SECONDS); // the nodes read the clock again
    exchange();
    log.add("a", "p", 60_000);
    log.add("b", "p", 60_000);
    exchange();

    assertThat(c.table.remaining("p")).isBetween(Duration.ofSeconds(24), MAX_ADOPTED);
    advance(MAX_ADOPTED);
    Node late = node("late");
    exchange();
    assertThat(late.isFree("p")).as("the IDs are still in the future").isTrue();
  }

  /** Redis trims by the ID, which stays the same. */
  @Test
  void publish_clockOfTheEngineSetBack_keepsTheLogBounded() {
    Node a = node("a");
    log.add("b", "x", 1_000);
    exchange();
    log.millis -= Duration.ofHours(1).toMillis();
    for (int i = 0; i < 12_000; i++) {
      log.add("b", "x", 1_000);
    }
    advance(TEN_SECONDS);
    while (!a.sharer.lag().isZero()) {
      a.step();
    }
    a.table.recordFailure("p");
    exchange();

    assertThat(log.entries).hasSizeBetween(10_000, 10_002);
  }

  /** As an engine does that was paused: the node has given up long ago. */
  @Test
  void read_entryThatWasExecutedLate_countsFromTheFailure() {
    Node c = node("c");
    exchange();
    Map<String, Report> reports = Map.of("p", new Report(20_000, 3_000));
    LogEntry late = new LogEntry("a", log.millis, reports, 0);
    advance(TEN_SECONDS);
    log.add(late.fields());
    log.add("b", "p", 20_000);
    exchange();

    assertThat(c.table.remaining("p"))
        .isBetween(Duration.ofMillis(7_200), Duration.ofMillis(9_200));
  }

  @Test
  void read_firstAnswerWithTheTimeIsSlow_delaysAreExact() {
    Node c = node("c");
    log.onTime = () -> advance(Duration.ofSeconds(2));
    log.add("a", "p", 10_000);
    log.add("b", "p", 10_000);
    exchange();

    assertThat(c.table.remaining("p"))
        .isBetween(Duration.ofMillis(8_200), Duration.ofMillis(9_200));
  }

  @Test
  void read_entriesFromTheFuture_areDropped() {
    Node c = node("c");
    exchange();
    log.millis += 3_600_000;
    log.add("a", "p", 60_000);
    log.add("b", "p", 60_000);
    log.millis -= 3_600_000;
    exchange();

    assertThat(c.table.isEmpty()).isTrue();
    assertThat(c.counts.dropped.sum()).isEqualTo(2);
  }

  @Test
  void read_moreEntriesThanAreReadAtOnce_areAllHeardAndLagIsThereUntilThen() {
    Node c = node("c");
    IntStream.range(0, 250).forEach(i -> log.add("a", "p" + i, 60_000));
    advance(Duration.ofSeconds(1));
    c.step();
    assertThat(c.sharer.lag()).isPositive();
    c.step();
    c.step();

    assertThat(c.sharer.lag()).isZero();
    assertThat(c.counts.received.sum()).isEqualTo(250);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "node",
        "node,a",
        "node,a,at",
        "node,a,at,yesterday",
        "node,a,at,1700000000000,p",
        "node,a,at,1700000000000,p,F",
        "node,a,at,1700000000000,p,5000",
        "node,a,at,1700000000000,p,-5000;0",
        "node,a,at,1700000000000,p,99999999999999999999;0",
        "node,a,at,1700000000000,,5000;0",
        "node,,at,1700000000000,p,5000;0",
        "node,a b,at,1700000000000,p,5000;0",
        "peer,p,remaining,5000;0"
      })
  void read_garbage_isDroppedAndWhatFollowsIsHeard(String fields) {
    Node c = node("c");
    log.add(
        Stream.of(fields.split(",", -1)).map(field -> field.replace(';', ',')).toList());
    log.add(List.of());
    log.add("a", "q", 5_000);
    log.add("b", "q", 5_000);
    exchange();

    assertThat(c.isFree("q")).isFalse();
    assertThat(c.isFree("p")).isTrue();
    assertThat(c.counts.dropped.sum()).isEqualTo(2);
  }

  @Test
  void read_hugeNumberOfPeersAndNodes_isBounded() {
    Node c = node("c");
    for (int i = 0; i < 300; i++) {
      Map<String, Report> reports = new HashMap<>();
      for (int j = 0; j < LogEntry.MAXIMUM_REPORTS; j++) {
        reports.put("made-up " + i + " " + j, new Report(60_000, 0));
      }
      log.add(new LogEntry("x" + i, log.millis, reports, 0).fields());
      log.add(new LogEntry("y" + i, log.millis, reports, 0).fields());
    }
    for (int i = 0; i < 7; i++) {
      c.step();
    }

    assertThat(c.counts.received.sum()).isEqualTo(2 * 300 * 128);
    assertThat(c.table.size()).isLessThanOrEqualTo(1_016);
  }

  @Test
  void read_recoveryThenVotesBeforeTheProbe_holdAtMostMaxAdoptedInAll() {
    Node c = node("c");
    int held = 0;
    while (held < 120 && (held == 0 || !c.isFree("p"))) {
      if (held % 20 == 0) {
        log.add("a", "p", 0);
        c.step();
      }
      log.add("a", "p", 60_000);
      log.add("b", "p", 60_000);
      c.step();
      advance(Duration.ofSeconds(1));
      held++;
    }

    assertThat(held).as("seconds").isLessThanOrEqualTo(31);
  }

  @Test
  void read_recoveryOfAHoldOverAnAdvisory_leavesThePeersOwnWord() {
    Node c = node("c");
    c.table.recordRemoteAdvisory("p", TEN_SECONDS);
    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    exchange();
    assertThat(c.table.remaining("p")).isGreaterThan(TEN_SECONDS);
    log.add("a", "p", 0);
    exchange();

    assertThat(c.table.remaining("p")).isEqualTo(TEN_SECONDS);
  }

  @Test
  void read_recoveryOfAHoldOverAPostponement_leavesThePostponement() {
    Node c = node("c");
    c.table.postpone("p", TEN_SECONDS);
    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    exchange();
    log.add("a", "p", 0);
    exchange();

    assertThat(c.table.remaining("p")).isEqualTo(TEN_SECONDS);
  }

  @Test
  void publish_hostileIdWithAHugeSequence_keepsTheLogBounded() {
    Node a = node("a");
    EntryId hostile = new EntryId(log.millis + 3_600_000, Long.MIN_VALUE);
    log.entries.put(hostile, List.of("x", "y"));
    for (int i = 0; i < 12_000; i++) {
      log.add("b", "x", 1_000);
    }
    exchange();
    while (!a.sharer.lag().isZero()) {
      a.step();
    }
    for (int i = 0; i < 200; i++) {
      a.step();
    }
    a.table.recordFailure("p");
    exchange();

    assertThat(log.entries).hasSizeBetween(10_000, 10_002);
  }

  /** A table for few peers; many of them fail and recover together. */
  @Test
  void publish_successAfterAVoteWhileOtherPeersFlap_isAppended() {
    Node a = node("a");
    a.table.recordFailure("p");
    exchange();
    for (int i = 0; i < 2_000; i++) {
      a.table.recordFailure("q" + i);
      a.table.recordSuccess("q" + i);
      if (i % 100 == 0) {
        a.step();
      }
    }
    exchange();
    a.table.recordSuccess("p");
    exchange();

    assertThat(log.said()).contains("a [p, 0,0]");
  }

  @Test
  void read_votesThatNeverEndWhileOtherPeersFlap_letTheNodeTryThePeerItself() {
    Node c = node("c");
    int held = 0;
    while (held < 120 && (held == 0 || !c.isFree("p"))) {
      log.add("a", "p", 60_000);
      log.add("b", "p", 60_000);
      c.step();
      for (int i = 0; i < 1_000; i++) {
        c.table.recordFailure("q" + i);
        c.table.recordSuccess("q" + i);
      }
      c.step();
      advance(Duration.ofSeconds(1));
      held++;
    }

    assertThat(held).as("seconds").isLessThanOrEqualTo(31);
  }

  @Test
  void adopted_secondHoldOfAPeerThatNobodyTried_countsTwice() {
    Node c = heldNode();
    advance(Duration.ofMinutes(5));
    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    exchange();

    assertThat(c.isFree("p")).isFalse();
    assertThat(c.counts.adopted.sum()).isEqualTo(2);
  }

  /** An event loop reads the clock once for all that it handles. */
  @Test
  void publish_failureSuccessAndFailureAtOneInstant_isAppended() {
    Node a = node("a");
    a.table.recordFailure("p");
    a.table.recordSuccess("p");
    a.table.recordFailure("p");
    exchange();

    assertThat(log.said()).containsExactly("a [p, 10000,0]");
  }

  @Test
  void read_functionThatThrowsAnError_doesNotLoseTheOtherReportsOfTheEntry() {
    Node c = node("c");
    log.add("a", "p", 20_000);
    log.add("b", "p", 20_000);
    log.add("a", "error", 20_000);
    exchange();

    assertThat(c.isFree("p")).isFalse();
  }

  /** Otherwise it would seem to be able to append again, as soon as no vote is left. */
  @Test
  void publish_refusedVoteThatExpired_triesTheLogUntilItAppends() {
    Node a = node("a");
    log.readOnly = true;
    a.table.recordFailure("p");
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    advance(MAX_ADOPTED);
    assertThatThrownBy(a::step).isInstanceOf(RedisException.class);
    log.readOnly = false;
    a.step();
    a.step();

    assertThat(log.said()).as("one entry, without a report").containsExactly("a []");
  }

  /**
   * Two nodes say in alternation that a peer is well, and that it fails; here it is always well.
   */
  @Test
  void read_recoveriesAndVotesOfAPeerThatIsWellHere_denyItForAFifthOfTheTime() {
    Node c = node("c");
    int held = 0;
    for (int second = 0; second < 600; second++) {
      log.add("a", "p", 0);
      log.add("a", "p", 60_000);
      log.add("b", "p", 60_000);
      exchange();
      advance(Duration.ofSeconds(1));
      if (c.isFree("p")) {
        c.table.acquire("p").recordSuccess();
      } else {
        held++;
      }
    }

    assertThat(held).as("seconds of 600").isLessThanOrEqualTo(4 * 31);
  }
}
