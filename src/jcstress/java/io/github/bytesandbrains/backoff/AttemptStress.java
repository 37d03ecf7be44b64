package io.github.bytesandbrains.backoff;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.bytesandbrains.backoff.BackoffOperations.Ticket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The outcomes of attempts, against each other and against what else is recorded of the peer. */
public final class AttemptStress {
  private AttemptStress() {}

  @JCStressTest
  @Outcome(
      id = {"true, false, 1 failure, 1 stale", "false, true, 1 failure, 1 stale"},
      expect = ACCEPTABLE,
      desc = "One outage is one failure: the first outcome counts, and the second is stale.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The outage counted twice or not at all, or what counted was not said.")
  @State
  public static class FailuresOfAnUnknownPeer extends Stressed {
    private final Attempt first = table.tryAcquire(PEER, START).orElseThrow();
    private final Attempt second = table.tryAcquire(PEER, START).orElseThrow();

    @Actor
    public void failing(ZZL_Result r) {
      meet();
      r.r1 = first.failed(START);
    }

    @Actor
    public void failingToo(ZZL_Result r) {
      meet();
      r.r2 = second.failed(START);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = left() + " failure, " + table.stats().staleOutcomes() + " stale";
    }
  }

  /** A probe's success comes late: another thread records a failure meanwhile. */
  abstract static class LateSuccess extends Meeting {
    private final BackoffOperations<Integer> table;
    private final Ticket probe;

    LateSuccess(BackoffOperations<Integer> table) {
      this.table = table;
      table.recordFailure(PEER, START);
      probe = table.tryAcquire(PEER, DUE).orElseThrow();
    }

    boolean succeed() {
      return probe.succeeded();
    }

    int fail() {
      return table.recordFailure(PEER, DUE).attempts();
    }

    int attempts() {
      return table.state(PEER).map(BackoffState::attempts).orElse(0);
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, 1, 1",
      expect = ACCEPTABLE,
      desc = "The success came first and forgot the peer; the failure is its first.")
  @Outcome(
      id = "false, 2, 2",
      expect = ACCEPTABLE,
      desc = "The failure came first, so that the success is stale and changes nothing.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A success cleared a failure that is newer than its attempt, or was told otherwise.")
  @State
  public static class LateSuccessAgainstFailure extends LateSuccess {
    public LateSuccessAgainstFailure() {
      super(library(1_000));
    }

    @Actor
    public void succeeding(ZII_Result r) {
      meet();
      r.r1 = succeed();
    }

    @Actor
    public void failing(ZII_Result r) {
      meet();
      r.r2 = fail();
    }

    @Arbiter
    public void afterwards(ZII_Result r) {
      r.r3 = attempts();
    }
  }

  @JCStressTest
  @Outcome(
      id = "counts, too late for 0, 0",
      expect = ACCEPTABLE,
      desc =
          "The success was told first: it counts, alone, and the other finds the peer forgotten.")
  @Outcome(
      id = "too late for 2, counts, 2",
      expect = ACCEPTABLE,
      desc =
          "The failure was told first: it counts, alone, and the other finds the second failure.")
  @Outcome(
      expect = FORBIDDEN,
      desc =
          "Both outcomes of one attempt counted, or neither, or the one that did is not in effect.")
  @State
  public static class OneProbeToldTwice extends Stressed {
    private final Attempt probe = probeOf(table);

    @Actor
    public void succeeding(LLL_Result r) {
      meet();
      r.r1 = told(probe.succeeded());
    }

    @Actor
    public void failing(LLL_Result r) {
      meet();
      r.r2 = told(probe.failed(DUE));
    }

    private String told(boolean counts) {
      return counts ? "counts" : "too late for " + attempts();
    }

    @Arbiter
    public void afterwards(LLL_Result r) {
      r.r3 = left();
    }
  }

  /** Two threads want a peer that is due. */
  abstract static class Wanting extends Meeting {
    private final BackoffOperations<Integer> table;

    Wanting(BackoffOperations<Integer> table) {
      this.table = table;
      table.recordFailure(PEER, START);
    }

    boolean isAdmitted() {
      return table.tryAcquire(PEER, DUE).isPresent();
    }

    boolean isCooling() {
      return table.state(PEER).orElseThrow().isCooling(DUE);
    }
  }

  @JCStressTest
  @Outcome(
      id = {"true, false, true", "false, true, true"},
      expect = ACCEPTABLE,
      desc = "One has the probe, and to the other the peer is cooling.")
  @Outcome(
      id = "true, true, true",
      expect = FORBIDDEN,
      desc = "Both are admitted at once to a peer that may be down.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Nobody is admitted to a peer that is due, or no lease is left.")
  @State
  public static class TwoCallersOfADuePeer extends Wanting {
    public TwoCallersOfADuePeer() {
      super(library(1_000));
    }

    @Actor
    public void wanting(ZZZ_Result r) {
      meet();
      r.r1 = isAdmitted();
    }

    @Actor
    public void wantingToo(ZZZ_Result r) {
      meet();
      r.r2 = isAdmitted();
    }

    @Arbiter
    public void afterwards(ZZZ_Result r) {
      r.r3 = isCooling();
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, 2",
      expect = ACCEPTABLE,
      desc = "The lease was given back first; the failure then counted on the state before it.")
  @Outcome(
      id = "false, 2",
      expect = ACCEPTABLE,
      desc = "The failure came first, so that there is no lease to give back.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Giving the lease back undid the failure: the peer would be tried too early.")
  @State
  public static class AbandonedProbeAgainstFailure extends Stressed {
    private final Attempt probe = probeOf(table);

    @Actor
    public void abandoning(ZI_Result r) {
      meet();
      r.r1 = probe.abandoned();
    }

    @Actor
    public void failing() {
      meet();
      table.recordFailure(PEER, DUE);
    }

    @Arbiter
    public void afterwards(ZI_Result r) {
      r.r2 = table.shouldRetry(PEER, DUE) ? -1 : attempts();
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, false, 0",
      expect = ACCEPTABLE,
      desc = "The late outcome came first: it counts, and to the next caller the peer is cooling.")
  @Outcome(
      id = "false, true, 1",
      expect = ACCEPTABLE,
      desc = "The next probe came first: the old one is counted as lapsed or as stale, once.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The old probe's outcome counted against the new one's lease, or neither took effect.")
  @State
  public static class LapsedProbeAgainstTheNext extends Stressed {
    private static final long LAPSED = DUE + 2 * DELAY;

    private final Attempt probe = probeOf(table);

    @Actor
    public void failing(ZZJ_Result r) {
      meet();
      r.r1 = probe.failed(LAPSED);
    }

    @Actor
    public void wanting(ZZJ_Result r) {
      meet();
      r.r2 = table.tryAcquire(PEER, LAPSED).isPresent();
    }

    @Arbiter
    public void afterwards(ZZJ_Result r) {
      r.r3 = table.stats().lapsedProbes() + table.stats().staleOutcomes();
    }
  }
}
