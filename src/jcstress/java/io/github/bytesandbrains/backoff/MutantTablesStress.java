package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.HorizonStress.FailureSeenByState;
import io.github.bytesandbrains.backoff.HorizonStress.FailuresOfManyPeers;
import io.github.bytesandbrains.backoff.HorizonStress.Raising;
import io.github.bytesandbrains.backoff.HorizonStress.Seeing;
import io.github.bytesandbrains.backoff.PermitStress.LateSuccess;
import io.github.bytesandbrains.backoff.PermitStress.LateSuccessAgainstFailure;
import io.github.bytesandbrains.backoff.PermitStress.TwoCallersOfADuePeer;
import io.github.bytesandbrains.backoff.PermitStress.Wanting;
import io.github.bytesandbrains.backoff.RecordStress.Failing;
import io.github.bytesandbrains.backoff.RecordStress.TwoFailures;
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
 * Tables with one fault each, in the same tests and judged by the same outcomes as the library's: each
 * must show a forbidden one, or the test is blind.
 */
public final class MutantTablesStress {
  private MutantTablesStress() {}

  @JCStressTest
  @JCStressMeta(FailureSeenByState.class)
  @State
  public static class HorizonRaisedLate extends Seeing {
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
  public static class HorizonOverwritten extends Raising {
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
  public static class GetThenPut extends Failing {
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
  public static class ProbeForEveryone extends Wanting {
    public ProbeForEveryone() {
      super(atStart(new MutantTables.ProbeForEveryone(OPTIONS)));
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
  @JCStressMeta(LateSuccessAgainstFailure.class)
  @State
  public static class OutcomeCheckedBefore extends LateSuccess {
    public OutcomeCheckedBefore() {
      super(atStart(new MutantTables.OutcomeCheckedBefore(OPTIONS)));
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
