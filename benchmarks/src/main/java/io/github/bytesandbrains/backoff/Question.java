package io.github.bytesandbrains.backoff;

import java.util.Arrays;
import java.util.List;

/** What the contenders are compared in. */
enum Question {
  NOTHING_COOLING("asking, nothing cooling", 0.3),
  COOLING("asking, cooling", 1.1),
  MISS("asking, others cooling", 1.1),
  FAIL("recording a failure", 1.5),
  FLAP("failure, then success", 1.5);

  private static final int AT_A_TIME = 100;

  final String title;

  /** The time of this library by that of a bare map, at most. */
  final double atMost;

  Question(String title, double atMost) {
    this.title = title;
    this.atMost = atMost;
  }

  /**
   * Brings contenders to where the question begins, by turns, so that their objects lie in the heap in
   * the same way: one whose objects the collector has put in order walks them several times faster.
   */
  void prepare(Peers peers, List<Contender<String>> contenders) {
    String[] tracked = peers.tracked();
    for (int from = 0; from < tracked.length; from += AT_A_TIME) {
      String[] some = Arrays.copyOfRange(tracked, from, Math.min(from + AT_A_TIME, tracked.length));
      for (Contender<String> contender : contenders) {
        switch (this) {
          case NOTHING_COOLING -> contender.know(some);
          case COOLING, MISS, FAIL -> contender.cool(some);
          case FLAP -> contender.cool(Peers.everySecond(some, 0)); // the others come and go
        }
      }
    }
  }

  /** The peers that the question is about, in the order of the work. */
  String[] sequence(Peers peers) {
    return switch (this) {
      case NOTHING_COOLING, COOLING, FAIL -> peers.sequence();
      case MISS -> peers.strangers();
      case FLAP -> Peers.shuffled(Peers.everySecond(peers.tracked(), 1));
    };
  }

  /** The time at which the work begins. */
  long nowNanos() {
    return this == NOTHING_COOLING ? Stretch.LATER : Stretch.SOON;
  }

  /** Whether the time goes on with the work. */
  boolean isTimed() {
    return this == FAIL || this == FLAP;
  }

  /** Does the work, and sees to it that the answers are right. */
  long work(Contender<String> contender, Stretch<String> stretch) {
    return switch (this) {
      case NOTHING_COOLING, MISS -> expect(stretch.count(), contender.ask(stretch), contender);
      case COOLING -> expect(0, contender.ask(stretch), contender);
      case FAIL -> contender.fail(stretch);
      case FLAP -> contender.flap(stretch);
    };
  }

  private long expect(long expected, long may, Contender<String> contender) {
    if (may != expected) {
      String who = contender.getClass().getSimpleName();
      throw new IllegalStateException(
          who + ", " + title + ": " + may + " may be tried (expected: " + expected + ")");
    }
    return may;
  }
}
