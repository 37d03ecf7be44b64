package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.HorizonJcstress.FailureSeenByState;
import io.github.bytesandbrains.backoff.HorizonJcstress.FailuresOfManyPeers;
import io.github.bytesandbrains.backoff.HorizonJcstress.RaisedHorizonState;
import io.github.bytesandbrains.backoff.HorizonJcstress.SeenFailureState;
import io.github.bytesandbrains.backoff.PermitJcstress.LateSuccessAgainstFailure;
import io.github.bytesandbrains.backoff.PermitJcstress.LateSuccessState;
import io.github.bytesandbrains.backoff.PermitJcstress.TwoCallersOfADuePeer;
import io.github.bytesandbrains.backoff.PermitJcstress.TwoCallersState;
import io.github.bytesandbrains.backoff.RecordJcstress.TwoFailures;
import io.github.bytesandbrains.backoff.RecordJcstress.TwoFailuresState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Mutants in the same tests as the library's table, judged by the same outcomes. Each must show a
 * forbidden one; otherwise the test is blind.
 */
public final class MutantTablesJcstress {
  private MutantTablesJcstress() {}

  @JCStressTest
  @JCStressMeta(FailureSeenByState.class)
  @State
  public static class HorizonRaisedLate extends SeenFailureState {
    public HorizonRaisedLate() {
      super(atStart(new MutantTables.HorizonRaisedLate(OPTIONS)));
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
  @JCStressMeta(FailuresOfManyPeers.class)
  @State
  public static class HorizonOverwritten extends RaisedHorizonState {
    public HorizonOverwritten() {
      super(atStart(new MutantTables.HorizonOverwritten(OPTIONS)));
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

  @JCStressTest
  @JCStressMeta(TwoFailures.class)
  @State
  public static class GetThenPut extends TwoFailuresState {
    public GetThenPut() {
      super(atStart(new MutantTables.GetThenPut(OPTIONS)));
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
  @JCStressMeta(TwoCallersOfADuePeer.class)
  @State
  public static class ProbeForEveryone extends TwoCallersState {
    public ProbeForEveryone() {
      super(atStart(new MutantTables.ProbeForEveryone(OPTIONS)));
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
  @JCStressMeta(LateSuccessAgainstFailure.class)
  @State
  public static class OutcomeCheckedFirst extends LateSuccessState {
    public OutcomeCheckedFirst() {
      super(atStart(new MutantTables.OutcomeCheckedFirst(OPTIONS)));
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
}
