package io.github.bytesandbrains.backoff;

/** Work that can be done in slices. */
@FunctionalInterface
interface Work {
  /** Does so many operations; the returned checksum keeps them from being left out. */
  long run(int operations);

  /** A contender that goes through a sequence of peers, again and again. */
  static Work of(Contender<String> contender, Question question, Peers peers, int offset) {
    String[] sequence = question.sequence(peers);
    return new Work() {
      private int from = offset;
      private long nowNanos = question.nowNanos();

      @Override
      public long run(int operations) {
        if (from + operations > sequence.length) {
          from = 0;
        }
        var stretch = new Stretch<>(sequence, from, operations, nowNanos);
        from += operations;
        if (question.isTimed()) {
          nowNanos += operations * Contender.STEP_NANOS;
        }
        return question.work(contender, stretch);
      }
    };
  }
}
