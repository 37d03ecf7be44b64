package io.github.bytesandbrains.backoff;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.IJ_Result;
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.IZL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZJL_Result;

/**
 * Failures against failures, successes, evictions and walks over all peers. Where there is eviction the
 * last result is {@link Stressed#left}: the attempts that are tracked, and what is wrong besides.
 */
public final class RecordStress {
  private RecordStress() {}

  /** Two threads record a failure of one peer. */
  abstract static class Failing extends Meeting {
    private final BackoffOperations<Integer> table;

    Failing(BackoffOperations<Integer> table) {
      this.table = table;
    }

    int fail() {
      return table.recordFailure(PEER, START).attempts();
    }

    int attempts() {
      return table.state(PEER).orElseThrow().attempts();
    }
  }

  @JCStressTest
  @Outcome(
      id = {"1, 2, 2", "2, 1, 2"},
      expect = ACCEPTABLE,
      desc = "One failure came after the other, and both count.")
  @Outcome(
      id = {"1, 1, 1", "1, 1, 2"},
      expect = FORBIDDEN,
      desc = "Both threads took theirs for the first failure: one is lost.")
  @Outcome(expect = FORBIDDEN, desc = "The attempts are none that two failures make.")
  @State
  public static class TwoFailures extends Failing {
    public TwoFailures() {
      super(library(1_000));
    }

    @Actor
    public void failing(III_Result r) {
      meet();
      r.r1 = fail();
    }

    @Actor
    public void failingToo(III_Result r) {
      meet();
      r.r2 = fail();
    }

    @Arbiter
    public void afterwards(III_Result r) {
      r.r3 = attempts();
    }
  }

  @JCStressTest
  @Outcome(
      id = "2, true, 0",
      expect = ACCEPTABLE,
      desc = "The failure came first, and the success forgot the peer.")
  @Outcome(
      id = "1, true, 1",
      expect = ACCEPTABLE,
      desc = "The success came first; the peer is tracked anew, and will go when it is idle.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The failure is lost, or its state is without an index entry and would stay for ever.")
  @State
  public static class FailureAgainstSuccess extends Stressed {
    public FailureAgainstSuccess() {
      table.recordFailure(PEER, START);
    }

    @Actor
    public void failing(IZL_Result r) {
      meet();
      r.r1 = table.recordFailure(PEER, START).attempts();
    }

    @Actor
    public void succeeding(IZL_Result r) {
      meet();
      r.r2 = table.recordSuccess(PEER);
    }

    @Arbiter
    public void afterwards(IZL_Result r) {
      r.r3 = left();
    }
  }

  @JCStressTest
  @Outcome(
      id = "2, 2",
      expect = ACCEPTABLE,
      desc = "The failure came before the eviction, which finds the peer no longer idle.")
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE,
      desc = "The peer was evicted first; the failure tracks it anew, in map and index.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The eviction took a failure with it, or left a state without an index entry.")
  @State
  public static class FailureAgainstEvictionOfTheIdlePeer extends Stressed {
    public FailureAgainstEvictionOfTheIdlePeer() {
      table.recordFailure(PEER, START);
    }

    @Actor
    public void failing(IL_Result r) {
      meet();
      r.r1 = table.recordFailure(PEER, IDLE).attempts();
    }

    @Actor
    public void cleaning() {
      meet();
      table.cleanUp(IDLE);
    }

    @Arbiter
    public void afterwards(IL_Result r) {
      r.r2 = left();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 0",
      expect = ACCEPTABLE,
      desc = "The eviction came last, at a time when the peer is idle.")
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE,
      desc = "The eviction came first and found nothing; the next one takes the peer.")
  @Outcome(expect = FORBIDDEN, desc = "The peer has no index entry, or a later eviction misses it.")
  @State
  public static class FirstFailureAgainstEvictionLongAfter extends Stressed {
    @Actor
    public void failing(IL_Result r) {
      meet();
      r.r1 = table.recordFailure(PEER, START).attempts();
    }

    @Actor
    public void cleaning() {
      meet();
      table.cleanUp(LATE);
    }

    @Arbiter
    public void afterwards(IL_Result r) {
      r.r2 = left();
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, 0, 0",
      expect = ACCEPTABLE,
      desc = "The success forgot the peer; there was nothing left to evict.")
  @Outcome(
      id = "false, 1, 0",
      expect = ACCEPTABLE,
      desc = "The eviction came first; the success found nothing to forget.")
  @Outcome(expect = FORBIDDEN, desc = "The peer went twice, or not at all.")
  @State
  public static class SuccessAgainstEvictionOfTheIdlePeer extends Stressed {
    public SuccessAgainstEvictionOfTheIdlePeer() {
      table.recordFailure(PEER, START);
    }

    @Actor
    public void succeeding(ZJL_Result r) {
      meet();
      r.r1 = table.recordSuccess(PEER);
    }

    @Actor
    public void cleaning() {
      meet();
      table.cleanUp(IDLE);
    }

    @Arbiter
    public void afterwards(ZJL_Result r) {
      r.r2 = table.stats().idleEvictions();
      r.r3 = left();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 0",
      expect = ACCEPTABLE,
      desc = "One peer is evicted, as only one may be tracked, and the other is in the index.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A state is without an index entry, or the bound is exceeded.")
  @State
  public static class FailuresOfMorePeersThanMayBe extends Stressed {
    public FailuresOfMorePeersThanMayBe() {
      super(1);
    }

    @Actor
    public void failing() {
      meet();
      table.recordFailure(PEER, START);
    }

    @Actor
    public void failingToo() {
      meet();
      table.recordFailure(OTHER, START);
    }

    @Arbiter
    public void afterwards(IJ_Result r) {
      table.cleanUp(START);
      r.r1 = table.size();
      r.r2 = table.snapshot().keySet().stream()
          .filter(peer -> !table.index.peers().contains(peer))
          .count();
    }
  }

  @JCStressTest
  @Outcome(
      id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
      expect = ACCEPTABLE,
      desc = "Each walk saw a state that the peer had, and the later walk none that is older.")
  @Outcome(expect = FORBIDDEN, desc = "A walk saw a state that the peer never had, or one too old.")
  @State
  public static class WalksAgainstFailures extends Stressed {
    private static final Map<BackoffState, Integer> STATES = Map.of(
        new BackoffState(1, START, START + DELAY), 1, new BackoffState(2, DUE, DUE + 2 * DELAY), 2);

    @Actor
    public void failing() {
      meet();
      table.recordFailure(PEER, START);
      table.recordFailure(PEER, DUE);
    }

    @Actor
    public void walking(LL_Result r) {
      meet();
      r.r1 = 0;
      r.r2 = 0;
      table.snapshot().forEach((peer, state) -> r.r1 = STATES.get(state));
      table.forEach((peer, state) -> r.r2 = STATES.get(state));
    }
  }
}
