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
    List<Experiment> all = new ArrayList<>();
    for (Question question : Question.values()) {
      all.add(contest(question));
    }
    for (Question question : Question.values()) {
      all.add(new Contest(question, SIZES[1]).against(Candidate.BARE_MAP, null));
      all.add(new Contest(question, SIZES[2]).against(Candidate.BARE_MAP, null));
    }
    for (Question question : Question.values()) {
      all.add(new Contest(question, MANY).against(Candidate.BARE_MAP, question.atMost));
    }
    all.addAll(Permits.experiments());
    all.addAll(Newcomers.experiments());
    all.add(new FloodLatency());
    all.add(new Queries());
    all.add(new Scrapes());
    all.add(Scaling.asking(Candidate.TABLE).with(2, 1.9));
    all.add(Scaling.asking(Candidate.BARE_MAP).with(2, null));
    for (Candidate candidate : List.of(Candidate.TABLE, Candidate.BARE_MAP)) {
      all.add(Scaling.failingOnePeer(candidate).with(2, null).with(4, null).with(8, null));
    }
    for (Candidate candidate : Candidate.values()) {
      // Like their twins, but for a window of a hundred calls; but for an array that is no larger
      // here.
      if (candidate == Candidate.RESILIENCE4J_COUNTING || candidate == Candidate.ROOMY_MAP) {
        continue;
      }
      // A million of Resilience4j's breakers are more objects than can be counted in a minute.
      int peers = candidate == Candidate.RESILIENCE4J ? MANY / 10 : MANY;
      all.add(new Heap(candidate, peers, candidate == Candidate.TABLE ? 90.0 : null));
    }
    return all;
  }

  /** A question to the table and to everything that can answer it, about a few peers. */
  private static Contest contest(Question question) {
    boolean judged = question == Question.NOTHING_COOLING || question == Question.COOLING;
    Contest contest = new Contest(question, FEW)
        .against(Candidate.BARE_MAP, question.atMost)
        .against(Candidate.ROOMY_MAP, null)
        .against(Candidate.SYNCHRONIZED_MAP, null)
        .against(Candidate.CAFFEINE, null);
    if (question != Question.MISS) { // Resilience4j's registry would create what is missing
      contest.against(Candidate.RESILIENCE4J, judged ? 0.2 : null);
    }
    if (question == Question.FAIL) {
      contest.against(Candidate.RESILIENCE4J_COUNTING, null);
    }
    return contest
        .against(Candidate.FAILSAFE, judged ? 0.95 : null)
        .against(Candidate.KAFKA, judged ? 1.0 : null);
  }
}
