package io.github.bytesandbrains.backoff;

import java.util.ArrayList;
import java.util.List;

/** All that is compared, and the numbers to reach. */
final class Experiments {
  private static final int FEW = 1_000;
  private static final int MANY = 1_000_000;
  private static final int[] BETWEEN = {10_000, 100_000};

  private Experiments() {}

  static List<Experiment> all() {
    List<Experiment> all = new ArrayList<>(List.of(
        new Contest(Question.NOTHING_COOLING, FEW)
            .against(Opponent.BARE_MAP, 0.25)
            .against(Opponent.SYNCHRONIZED_MAP, null)
            .against(Opponent.CAFFEINE, null)
            .against(Opponent.RESILIENCE4J, 0.2)
            .against(Opponent.FAILSAFE, 0.2)
            .against(Opponent.KAFKA, 0.25),
        new Contest(Question.COOLING, FEW)
            .against(Opponent.BARE_MAP, 1.05)
            .against(Opponent.SYNCHRONIZED_MAP, null)
            .against(Opponent.CAFFEINE, null)
            .against(Opponent.RESILIENCE4J, 0.2)
            .against(Opponent.FAILSAFE, 0.95)
            .against(Opponent.KAFKA, 1.0),
        new Contest(Question.MISS, FEW)
            .against(Opponent.BARE_MAP, 1.2)
            .against(Opponent.SYNCHRONIZED_MAP, null)
            .against(Opponent.CAFFEINE, null)
            .against(Opponent.FAILSAFE, null)
            .against(Opponent.KAFKA, null),
        new Contest(Question.FAIL, FEW)
            .against(Opponent.BARE_MAP, 1.2)
            .against(Opponent.SYNCHRONIZED_MAP, null)
            .against(Opponent.CAFFEINE, null)
            .against(Opponent.RESILIENCE4J, 0.3)
            .against(Opponent.FAILSAFE, null)
            .against(Opponent.KAFKA, null),
        new Contest(Question.FLAP, FEW)
            .against(Opponent.BARE_MAP, 2.0)
            .against(Opponent.SYNCHRONIZED_MAP, null)
            .against(Opponent.CAFFEINE, null)
            .against(Opponent.RESILIENCE4J, null)
            .against(Opponent.FAILSAFE, null)
            .against(Opponent.KAFKA, null)));
    for (int peers : BETWEEN) {
      for (Question question : Question.values()) {
        all.add(new Contest(question, peers).against(Opponent.BARE_MAP, null));
      }
    }
    all.add(new Contest(Question.NOTHING_COOLING, MANY).against(Opponent.BARE_MAP, 0.25));
    all.add(new Contest(Question.COOLING, MANY).against(Opponent.BARE_MAP, 1.05));
    all.add(new Contest(Question.MISS, MANY).against(Opponent.BARE_MAP, 1.2));
    all.add(new Contest(Question.FAIL, MANY).against(Opponent.BARE_MAP, 1.2));
    all.add(new Contest(Question.FLAP, MANY).against(Opponent.BARE_MAP, 2.0));
    all.add(new Queries());
    all.add(new Scrapes());
    all.add(Scaling.asking("the table", Table::new).with(2, 1.9));
    all.add(Scaling.asking("a bare map", BareMap::new).with(2, null));
    all.add(Scaling.failingOnePeer("the table", Table::new)
        .with(2, 0.5)
        .with(4, 0.5)
        .with(8, 0.5));
    all.add(Scaling.failingOnePeer("a bare map", BareMap::new)
        .with(2, null)
        .with(4, null)
        .with(8, null));
    all.add(new Heap("the table", MANY, 160.0, Table::new));
    for (Opponent opponent : Opponent.values()) {
      // A million of Resilience4j's breakers would need a heap of their own.
      int peers = opponent == Opponent.RESILIENCE4J ? MANY / 10 : MANY;
      all.add(new Heap(opponent.title, peers, null, opponent::create));
    }
    return all;
  }
}
