package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.List;

/** All that is compared, and the numbers to reach. */
final class Experiments {
  static final int FEW = 1_000;
  static final int MANY = 1_000_000;

  /** How many peers there are, where it is seen how an operation grows. */
  static final int[] SIZES = {FEW, 10_000, 100_000, MANY};

  private Experiments() {}

  static List<Experiment> all() {
    List<Experiment> all = new ArrayList<>(List.of(
        new Contest(Question.NOTHING_COOLING, FEW)
            .against(Candidate.BARE_MAP, 0.25)
            .against(Candidate.SYNCHRONIZED_MAP, null)
            .against(Candidate.CAFFEINE, null)
            .against(Candidate.RESILIENCE4J, 0.2)
            .against(Candidate.FAILSAFE, 0.2)
            .against(Candidate.KAFKA, 0.25),
        new Contest(Question.COOLING, FEW)
            .against(Candidate.BARE_MAP, 1.05)
            .against(Candidate.ROOMY_MAP, null)
            .against(Candidate.SYNCHRONIZED_MAP, null)
            .against(Candidate.CAFFEINE, null)
            .against(Candidate.RESILIENCE4J, 0.2)
            .against(Candidate.FAILSAFE, 0.95)
            .against(Candidate.KAFKA, 1.0),
        new Contest(Question.MISS, FEW)
            .against(Candidate.BARE_MAP, 1.2)
            .against(Candidate.ROOMY_MAP, null)
            .against(Candidate.SYNCHRONIZED_MAP, null)
            .against(Candidate.CAFFEINE, null)
            .against(Candidate.FAILSAFE, null)
            .against(Candidate.KAFKA, null),
        new Contest(Question.FAIL, FEW)
            .against(Candidate.BARE_MAP, 1.2)
            .against(Candidate.ROOMY_MAP, null)
            .against(Candidate.SYNCHRONIZED_MAP, null)
            .against(Candidate.CAFFEINE, null)
            .against(Candidate.RESILIENCE4J_COUNTING, 0.3)
            .against(Candidate.RESILIENCE4J, null)
            .against(Candidate.FAILSAFE, null)
            .against(Candidate.KAFKA, null),
        new Contest(Question.FLAP, FEW)
            .against(Candidate.BARE_MAP, 2.0)
            .against(Candidate.ROOMY_MAP, null)
            .against(Candidate.SYNCHRONIZED_MAP, null)
            .against(Candidate.CAFFEINE, null)
            .against(Candidate.RESILIENCE4J, null)
            .against(Candidate.FAILSAFE, null)
            .against(Candidate.KAFKA, null)));
    for (Question question : Question.values()) {
      all.add(new Contest(question, SIZES[1]).against(Candidate.BARE_MAP, null));
      all.add(new Contest(question, SIZES[2]).against(Candidate.BARE_MAP, null));
    }
    all.add(new Contest(Question.NOTHING_COOLING, MANY).against(Candidate.BARE_MAP, 0.25));
    all.add(new Contest(Question.COOLING, MANY).against(Candidate.BARE_MAP, 1.05));
    all.add(new Contest(Question.MISS, MANY).against(Candidate.BARE_MAP, 1.2));
    all.add(new Contest(Question.FAIL, MANY).against(Candidate.BARE_MAP, 1.2));
    all.add(new Contest(Question.FLAP, MANY).against(Candidate.BARE_MAP, 2.0));
    all.add(new Queries());
    all.add(new Scrapes());
    all.add(Scaling.asking(Candidate.TABLE).with(2, 1.9));
    all.add(Scaling.asking(Candidate.BARE_MAP).with(2, null));
    all.add(Scaling.failingOnePeer(Candidate.TABLE).with(2, 0.5).with(4, 0.5).with(8, 0.5));
    all.add(
        Scaling.failingOnePeer(Candidate.BARE_MAP).with(2, null).with(4, null).with(8, null));
    for (Candidate candidate : Candidate.values()) {
      // Like their twins, but for a window of a hundred calls; but for an array that is no larger
      // here.
      if (candidate == Candidate.RESILIENCE4J_COUNTING || candidate == Candidate.ROOMY_MAP) {
        continue;
      }
      // A million of Resilience4j's breakers are more objects than can be counted in a minute.
      int peers = candidate == Candidate.RESILIENCE4J ? MANY / 10 : MANY;
      all.add(new Heap(candidate, peers, candidate == Candidate.TABLE ? 160.0 : null));
    }
    return all;
  }
}
