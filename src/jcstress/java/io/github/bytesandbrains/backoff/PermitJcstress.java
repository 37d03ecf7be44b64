package io.github.bytesandbrains.backoff;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.bytesandbrains.backoff.BackoffOperations.PermitOperations;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZLL_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Outcomes of permits, against each other and against other changes of the peer. */
public final class PermitJcstress {
  private PermitJcstress() {}

  @JCStressTest
  @Outcome(
      id = {"true, false, 1 failure, 1 stale", "false, true, 1 failure, 1 stale"},
      expect = ACCEPTABLE,
      desc = "One outage is one failure: the first outcome counts, and the second is stale.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The outage counted twice or not at all, or a thread learned otherwise.")
  @State
  public static class FailuresOfAnUnknownPeer extends JcstressTableState {
    private final Permit first = table.tryAcquire(PEER, START).orElseThrow();
    private final Permit second = table.tryAcquire(PEER, START).orElseThrow();

    @Actor
    public void failing(ZZL_Result r) {
      meet();
      r.r1 = first.recordFailure(START);
    }

    @Actor
    public void failingToo(ZZL_Result r) {
      meet();
      r.r2 = second.recordFailure(START);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = result() + " failure, " + table.stats().staleOutcomes() + " stale";
    }
  }

  /** A probe that succeeds while another thread records a failure. */
  abstract static class LateSuccessState extends JcstressState {
    private final BackoffOperations<Integer> table;
    private final PermitOperations probe;

    LateSuccessState(BackoffOperations<Integer> table) {
      this.table = table;
      table.recordFailure(PEER, START);
      probe = table.tryAcquire(PEER, DUE).orElseThrow();
    }

    boolean succeed() {
      return probe.recordSuccess();
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
      desc = "A success cleared a failure newer than its permit, or a thread learned otherwise.")
  @State
  public static class LateSuccessAgainstFailure extends LateSuccessState {
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

  /** Two threads report one permit. The one that comes second looks at what is in effect. */
  abstract static class OnePermitState extends JcstressTableState {
    final String reported(boolean counts) {
      return counts ? "counts" : "too late for " + attempts();
    }
  }

  @JCStressTest
  @Outcome(
      id = "counts, too late for 0, 0",
      expect = ACCEPTABLE,
      desc = "The success came first: it alone counts, and the other thread finds it in effect.")
  @Outcome(
      id = "too late for 2, counts, 2",
      expect = ACCEPTABLE,
      desc = "The failure came first: it alone counts, and the other thread finds it in effect.")
  @Outcome(
      expect = FORBIDDEN,
      desc =
          "Both outcomes of one permit counted, or neither, or the one that did was not in effect.")
  @State
  public static class TwoOutcomesOfOneProbe extends OnePermitState {
    private final Permit probe = probeOf(table);

    @Actor
    public void succeeding(LLL_Result r) {
      meet();
      r.r1 = reported(probe.recordSuccess());
    }

    @Actor
    public void failing(LLL_Result r) {
      meet();
      r.r2 = reported(probe.recordFailure(DUE));
    }

    @Arbiter
    public void afterwards(LLL_Result r) {
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "counts, too late for 0, 0",
      expect = ACCEPTABLE,
      desc = "The success came first: it counts, and changes nothing for a healthy peer.")
  @Outcome(
      id = "too late for 1, counts, 1",
      expect = ACCEPTABLE,
      desc = "The failure came first: it alone counts, and the other thread finds it in effect.")
  @Outcome(
      expect = FORBIDDEN,
      desc =
          "Both outcomes of one permit counted, or neither, or the one that did was not in effect.")
  @State
  public static class TwoOutcomesOfOnePermit extends OnePermitState {
    private final Permit permit = table.acquire(PEER, START);

    @Actor
    public void succeeding(LLL_Result r) {
      meet();
      r.r1 = reported(permit.recordSuccess());
    }

    @Actor
    public void failing(LLL_Result r) {
      meet();
      r.r2 = reported(permit.recordFailure(START));
    }

    @Arbiter
    public void afterwards(LLL_Result r) {
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "counts, counts, 1",
      expect = ACCEPTABLE,
      desc = "The release came first; a later outcome of the same permit still counts.")
  @Outcome(
      id = "too late for 1, counts, 1",
      expect = ACCEPTABLE,
      desc = "The failure came first, and the release finds it in effect.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The failure is lost, or was not in effect for the thread that came second.")
  @State
  public static class ReleaseAgainstFailureOfOnePermit extends OnePermitState {
    private final Permit permit = table.acquire(PEER, START);

    @Actor
    public void releasing(LLL_Result r) {
      meet();
      r.r1 = reported(permit.release());
    }

    @Actor
    public void failing(LLL_Result r) {
      meet();
      r.r2 = reported(permit.recordFailure(START));
    }

    @Arbiter
    public void afterwards(LLL_Result r) {
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = {"released, due, 1", "due, released, 1"},
      expect = ACCEPTABLE,
      desc = "One thread gives the lease back, and the other one finds that it is gone.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The lease was given back twice or not at all, or was still there for the second.")
  @State
  public static class TwoReleasesOfOneProbe extends OnePermitState {
    private final Permit probe = probeOf(table);

    private String release() {
      if (probe.release()) {
        return "released";
      }
      return table.isProbing(PEER, DUE) ? "leased" : "due";
    }

    @Actor
    public void releasing(LLL_Result r) {
      meet();
      r.r1 = release();
    }

    @Actor
    public void releasingToo(LLL_Result r) {
      meet();
      r.r2 = release();
    }

    @Arbiter
    public void afterwards(LLL_Result r) {
      r.r3 = result();
    }
  }

  /** Two callers of a peer that is due. */
  abstract static class TwoCallersState extends JcstressState {
    private final BackoffOperations<Integer> table;

    TwoCallersState(BackoffOperations<Integer> table) {
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
      desc = "One thread has the probe, and for the other one the peer is cooling.")
  @Outcome(
      id = "true, true, true",
      expect = FORBIDDEN,
      desc = "Both are admitted to a peer that may be down.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Nobody is admitted to a peer that is due, or there is no lease.")
  @State
  public static class TwoCallersOfADuePeer extends TwoCallersState {
    public TwoCallersOfADuePeer() {
      super(library(1_000));
    }

    @Actor
    public void acquiring(ZZZ_Result r) {
      meet();
      r.r1 = isAdmitted();
    }

    @Actor
    public void acquiringToo(ZZZ_Result r) {
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
  public static class ReleasedProbeAgainstFailure extends JcstressTableState {
    private final Permit probe = probeOf(table);

    @Actor
    public void releasing(ZI_Result r) {
      meet();
      r.r1 = probe.release();
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

  /** A probe that is slower than its lease. */
  abstract static class SlowProbeState extends JcstressTableState {
    static final long LAPSED = DUE + 2 * DELAY; // the lease is 1 * DELAY

    final Permit slow = probeOf(table);
  }

  @JCStressTest
  @Outcome(
      id = {"true, false, 0", "true, true, 1"},
      expect = ACCEPTABLE,
      desc = "A slow probe is heard: its failure counts, before or after the next one is admitted.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The failure of the slow probe was lost to a lease, which is not an outcome.")
  @State
  public static class SlowProbeAgainstTheAdmissionOfTheNext extends SlowProbeState {
    @Actor
    public void failing(ZZJ_Result r) {
      meet();
      r.r1 = slow.recordFailure(LAPSED);
    }

    @Actor
    public void acquiring(ZZJ_Result r) {
      meet();
      r.r2 = table.tryAcquire(PEER, LAPSED).isPresent();
    }

    @Arbiter
    public void afterwards(ZZJ_Result r) {
      r.r3 = attempts() == 2 ? table.stats().lapsedProbes() : -1;
    }
  }

  @JCStressTest
  @Outcome(
      id = {"true, false, 2 attempts, 1 stale", "false, true, 2 attempts, 1 stale"},
      expect = ACCEPTABLE,
      desc = "Two probes of one outage: the first outcome counts, and the other is stale.")
  @Outcome(expect = FORBIDDEN, desc = "Both outcomes of one chain of leases counted, or neither.")
  @State
  public static class SlowProbeAgainstItsSuccessor extends SlowProbeState {
    private final Permit next = table.acquire(PEER, LAPSED);

    @Actor
    public void failing(ZZL_Result r) {
      meet();
      r.r1 = slow.recordFailure(LAPSED);
    }

    @Actor
    public void failingToo(ZZL_Result r) {
      meet();
      r.r2 = next.recordFailure(LAPSED);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = result() + " attempts, " + table.stats().staleOutcomes() + " stale";
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, false, 0",
      expect = ACCEPTABLE,
      desc = "The slow success came first: the peer has recovered, and the failure is stale.")
  @Outcome(
      id = "false, true, 2",
      expect = ACCEPTABLE,
      desc = "The failure came first: the slow success is stale, and clears nothing.")
  @Outcome(expect = FORBIDDEN, desc = "Both outcomes of one chain of leases counted, or neither.")
  @State
  public static class SlowSuccessAgainstItsSuccessor extends SlowProbeState {
    private final Permit next = table.acquire(PEER, LAPSED);

    @Actor
    public void succeeding(ZZL_Result r) {
      meet();
      r.r1 = slow.recordSuccess();
    }

    @Actor
    public void failing(ZZL_Result r) {
      meet();
      r.r2 = next.recordFailure(LAPSED);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = result();
    }
  }

  @JCStressTest
  @Outcome(
      id = "true, false, 0 until 8",
      expect = ACCEPTABLE,
      desc = "The success came first; the stale advisory then postpones the recovered peer.")
  @Outcome(
      id = "true, false, untracked",
      expect = ACCEPTABLE,
      desc = "The stale advisory postponed the peer first, and the success forgot it.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A stale advisory counted as an attempt, undid the success, or was lost.")
  @State
  public static class SuccessAgainstStaleAdvisory extends JcstressTableState {
    private final Permit stale = table.acquire(PEER, START);
    private final Permit probe = probeOf(table);

    @Actor
    public void succeeding(ZZL_Result r) {
      meet();
      r.r1 = probe.recordSuccess();
    }

    @Actor
    public void advising(ZZL_Result r) {
      meet();
      r.r2 = stale.recordRemoteAdvisory(DUE, 5 * DELAY);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = table
          .state(PEER)
          .map(state -> state.attempts() + " until " + (state.nextRetryNanos() - START) / DELAY)
          .orElse("untracked");
    }
  }

  @JCStressTest
  @Outcome(
      id = "false, true, 2 until 8",
      expect = ACCEPTABLE,
      desc = "The failure came first, and the stale advisory postpones its retry.")
  @Outcome(
      id = "false, true, 2 until 5",
      expect = ACCEPTABLE,
      desc = "The stale advisory came first; the failure replaces it, as it replaces any delay.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A peer's own word is lost, or counted in addition to the earlier outcome.")
  @State
  public static class StaleAdvisoryAgainstFailure extends JcstressTableState {
    private final Permit stale = table.acquire(PEER, START);
    private final Permit probe = probeOf(table);

    @Actor
    public void advising(ZZL_Result r) {
      meet();
      r.r1 = stale.recordRemoteAdvisory(DUE, 5 * DELAY);
    }

    @Actor
    public void failing(ZZL_Result r) {
      meet();
      r.r2 = probe.recordFailure(DUE);
    }

    @Arbiter
    public void afterwards(ZZL_Result r) {
      r.r3 = table
          .state(PEER)
          .map(state -> state.attempts() + " until " + (state.nextRetryNanos() - START) / DELAY)
          .orElse("untracked");
    }
  }

  @JCStressTest
  @Outcome(
      id = "false, 1, cooling",
      expect = ACCEPTABLE,
      desc = "The peer was not tracked yet, and then failed.")
  @Outcome(id = "true, 1, due", expect = ACCEPTABLE, desc = "The peer failed, and then was due.")
  @Outcome(expect = FORBIDDEN, desc = "A peer that was expedited is cooling, or lost its failure.")
  @State
  public static class ExpediteAgainstTheFirstFailure extends JcstressTableState {
    @Actor
    public void expediting(ZLL_Result r) {
      meet();
      r.r1 = table.expedite(PEER, START);
    }

    @Actor
    public void failing() {
      meet();
      table.recordFailure(PEER, START);
    }

    @Arbiter
    public void afterwards(ZLL_Result r) {
      r.r2 = attempts();
      r.r3 = table.shouldRetry(PEER, START) ? "due" : "cooling";
    }
  }
}
