package io.github.bytesandbrains.backoff;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A state against the horizon, by which {@code shouldRetry} may answer without a look-up: a thread
 * that has seen a peer cooling must not be admitted. Each way to publish a state has its test.
 */
public final class HorizonJcstress {
  private static final String UNSEEN =
      "The asking thread looked first: either answer is right then.";
  private static final String NOT_YET =
      "It saw nothing, but then the state was published: the answer is newer, and right.";
  private static final String RIGHT = "It has seen that the peer is cooling, and must wait.";
  private static final String EARLY =
      "It has seen that the peer is cooling, and may try it: the horizon came after the state.";

  private HorizonJcstress() {}

  /** One thread records a failure; another reads the peer's state, then asks. */
  abstract static class SeenFailureState extends JcstressState {
    private final BackoffOperations<Integer> table;

    SeenFailureState(BackoffOperations<Integer> table) {
      this.table = table;
    }

    void fail() {
      table.recordFailure(PEER, START);
    }

    void look(ZZ_Result r) {
      r.r1 = eventually(() -> table.state(PEER).isPresent());
      r.r2 = table.shouldRetry(PEER, START);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class FailureSeenByState extends SeenFailureState {
    public FailureSeenByState() {
      super(library(1_000));
    }

    @Actor
    public void failing() {
      meet();
      fail();
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      look(r);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class AdvisorySeenByState extends JcstressTableState {
    @Actor
    public void recording() {
      meet();
      table.recordRemoteAdvisory(PEER, START, 2 * DELAY);
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      r.r1 = eventually(() -> table.state(PEER).isPresent());
      r.r2 = table.shouldRetry(PEER, START + DELAY);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class RestoredStateSeen extends JcstressTableState {
    private static final BackoffState RESTORED = new BackoffState(3, START, START + DELAY);

    @Actor
    public void restoring() {
      meet();
      table.restoreState(PEER, RESTORED);
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      r.r1 = eventually(() -> table.state(PEER).isPresent());
      r.r2 = table.shouldRetry(PEER, START);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class FailedPermitSeenByState extends JcstressTableState {
    private final Permit permit = table.tryAcquire(PEER, START).orElseThrow();

    @Actor
    public void failing() {
      meet();
      permit.recordFailure(START);
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      r.r1 = eventually(() -> table.state(PEER).isPresent());
      r.r2 = table.shouldRetry(PEER, START);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class LeaseSeenByState extends JcstressTableState {
    public LeaseSeenByState() {
      table.recordFailure(PEER, START);
    }

    @Actor
    public void probing() {
      meet();
      table.tryAcquire(PEER, DUE);
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      r.r1 = eventually(() -> table.state(PEER).orElseThrow().isCooling(DUE));
      r.r2 = table.shouldRetry(PEER, DUE);
    }
  }

  @JCStressTest
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = UNSEEN)
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = NOT_YET)
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = RIGHT)
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = EARLY)
  @State
  public static class PostponementSeenByState extends JcstressTableState {
    @Actor
    public void postponing() {
      meet();
      table.postpone(PEER, START, 2 * DELAY);
    }

    @Actor
    public void asking(ZZ_Result r) {
      meet();
      r.r1 = eventually(() -> table.state(PEER).isPresent());
      r.r2 = table.shouldRetry(PEER, START + DELAY);
    }
  }

  /** Two threads record ever later failures of their own peers, and ask. */
  abstract static class RaisedHorizonState extends JcstressState {
    private static final int FAILURES = 32;

    private final BackoffOperations<Integer> table;

    RaisedHorizonState(BackoffOperations<Integer> table) {
      this.table = table;
    }

    /** The number of peers that could be tried right after their failure. */
    int early(int thread) {
      int early = 0;
      for (int i = 0; i < FAILURES; i++) {
        Integer peer = 2 * i + thread;
        table.recordFailure(peer, START + peer * DELAY);
        early += table.shouldRetry(peer, START + peer * DELAY) ? 1 : 0;
      }
      return early;
    }
  }

  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = ACCEPTABLE,
      desc = "Both have raised the horizon: each thread must wait for the peers that it recorded.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A peer that has just failed may be tried: the other thread overwrote its horizon.")
  @State
  public static class FailuresOfManyPeers extends RaisedHorizonState {
    public FailuresOfManyPeers() {
      super(library(1_000));
    }

    @Actor
    public void failing(II_Result r) {
      meet();
      r.r1 = early(0);
    }

    @Actor
    public void failingToo(II_Result r) {
      meet();
      r.r2 = early(1);
    }
  }
}
