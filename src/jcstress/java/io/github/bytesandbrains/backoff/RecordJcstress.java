package io.github.bytesandbrains.backoff;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.IJL_Result;
import org.openjdk.jcstress.infra.results.IJ_Result;
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.IZL_Result;
import org.openjdk.jcstress.infra.results.LLLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZJL_Result;

/**
 * Failures against failures, successes, evictions and walks over all peers. In tests of eviction
 * the last result is {@link JcstressTableState#result}.
 */
public final class RecordJcstress {
  private RecordJcstress() {}

  /** Two threads record a failure of one peer. */
  abstract static class TwoFailuresState extends JcstressState {
    private final BackoffOperations<Integer> table;

    TwoFailuresState(BackoffOperations<Integer> table) {
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
      desc = "Both threads believed theirs to be the first failure: one is lost.")
  @Outcome(expect = FORBIDDEN, desc = "Two failures do not make such attempts.")
  @State
  public static class TwoFailures extends TwoFailuresState {
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
      desc = "The success came first; the peer is tracked anew, and leaves when it is idle.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The failure is lost, or its peer is not in the index and would stay forever.")
  @State
  public static class FailureAgainstSuccess extends JcstressTableState {
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
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 0, 1",
      expect = ACCEPTABLE,
      desc = "The failure came before the review, which finds that the peer is no longer idle.")
  @Outcome(
      id = "1, 1, 1",
      expect = ACCEPTABLE,
      desc = "The peer was evicted first; the failure tracks it anew, in map and index.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The review took a failure with it, the peer is not indexed once, or the failure of "
          + "an idle peer continued its backoff.")
  @State
  public static class FailureAgainstReviewOfTheIdlePeer extends JcstressTableState {
    public FailureAgainstReviewOfTheIdlePeer() {
      table.recordFailure(PEER, START);
    }

    @Actor
    public void failing(IJL_Result r) {
      meet();
      r.r1 = table.recordFailure(PEER, IDLE).attempts();
    }

    @Actor
    public void cleaning() {
      meet();
      table.cleanUp(IDLE);
    }

    @Arbiter
    public void afterwards(IJL_Result r) {
      r.r2 = table.stats().idleEvictions();
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE,
      desc = "The failure is recorded, whether the marker of the recovery was there or not.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The review took the failure for the marker, or the peer is not indexed once.")
  @State
  public static class FailureAgainstReviewOfTheRecoveredPeer extends JcstressTableState {
    public FailureAgainstReviewOfTheRecoveredPeer() {
      table.recordFailure(PEER, START);
      table.recordSuccess(PEER);
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
      r.r2 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 2 tracked, 0, 1",
      expect = ACCEPTABLE,
      desc = "Both failures came before the first review.")
  @Outcome(
      id = {"1, 2 tracked, 1, 1", "1, 2 tracked, 2, 1"},
      expect = ACCEPTABLE,
      desc = "One thread evicted the other one's idle peer; the failure tracks it anew.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The review took a failure with it, or a peer is not indexed once.")
  @State
  public static class FailureAgainstReviewByARecorder extends JcstressTableState {
    public FailureAgainstReviewByARecorder() {
      table.recordFailure(PEER, START);
      table.recordFailure(OTHER, START);
    }

    @Actor
    public void failing(LLLL_Result r) {
      meet();
      r.r1 = table.recordFailure(PEER, IDLE).attempts();
    }

    @Actor
    public void failingToo() {
      meet();
      table.recordFailure(OTHER, IDLE);
    }

    @Arbiter
    public void afterwards(LLLL_Result r) {
      r.r2 = table.size() + " tracked";
      r.r3 = table.stats().idleEvictions();
      r.r4 = result();
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
      desc = "The eviction came first and found nothing; the next one evicts the peer.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The peer is not indexed once, or a later eviction misses it.")
  @State
  public static class FirstFailureAgainstEvictionLongAfter extends JcstressTableState {
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
      r.r2 = result();
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
  @Outcome(expect = FORBIDDEN, desc = "The peer was forgotten twice, or not at all.")
  @State
  public static class SuccessAgainstEvictionOfTheIdlePeer extends JcstressTableState {
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
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "1, 0",
      expect = ACCEPTABLE,
      desc = "The next new peer evicts what exceeds the bound of one, and is in the index.")
  @Outcome(expect = FORBIDDEN, desc = "A peer is not indexed once, or the bound is exceeded.")
  @State
  public static class FailuresBeyondTheBound extends JcstressTableState {
    public FailuresBeyondTheBound() {
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
      table.recordFailure(2, START);
      r.r1 = table.size();
      r.r2 = table.index.peers().equals(List.copyOf(table.snapshot().keySet())) ? 0 : 1;
    }
  }

  @JCStressTest
  @Outcome(
      id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
      expect = ACCEPTABLE,
      desc = "Each walk saw a state that the peer had, and the later walk none that is older.")
  @Outcome(expect = FORBIDDEN, desc = "A walk saw a state that the peer never had, or one too old.")
  @State
  public static class WalksAgainstFailures extends JcstressTableState {
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
