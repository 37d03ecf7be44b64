package io.github.bytesandbrains.backoff;

import java.util.List;
import java.util.function.Supplier;

/** Recording the first failure of a peer that nobody has seen before. */
final class Newcomers {
  /** How many peers enter a contender that has room. */
  private static final int FEW = 10_000;

  /** The bound of a table in a flood: enough for cohorts of full size. */
  static final int BOUND = 100_000;

  /** How many there are until the first one returns, which a table in a flood has forgotten by then. */
  static final int COUNT = 5 * BOUND;

  private Newcomers() {}

  static List<Experiment> experiments() {
    return List.of(
        new Comparison(
            Row.atMost(4, "recording a new peer / bare ConcurrentHashMap"),
            FEW,
            () -> into(Table::new),
            () -> into(BareMap::byDefault)),
        new Comparison(
            Row.atMost(4, "recording a new peer in a flood / bare ConcurrentHashMap"),
            COUNT,
            Newcomers::flood,
            () -> work(Peers.of(COUNT).tracked(), BOUND, BareMap::byDefault)));
  }

  /** Into a contender that is replaced by an empty one whenever it knows 10,000 peers. */
  static Work into(Supplier<Contender<String>> create) {
    return work(Peers.of(FEW).tracked(), FEW, create);
  }

  /** Into a table that is full, so that for each peer that enters another one has to leave. */
  static Work flood() {
    Contender<String> full = new Table<>(bounded());
    Work work = work(Peers.of(COUNT).tracked(), COUNT, () -> full);
    work.run(BOUND);
    return work;
  }

  static ConcurrentBackoffTable<String> bounded() {
    return ConcurrentBackoffTable.builder().maximumPeers(BOUND).build();
  }

  /** Goes through the peers again and again, with another contender after each round. */
  private static Work work(String[] peers, int round, Supplier<Contender<String>> create) {
    return new Work() {
      private Contender<String> contender = create.get();
      private int from;
      private int recorded;
      private long nowNanos = Stretch.START;

      @Override
      public long run(int operations) {
        if (recorded + operations > round) {
          contender = create.get();
          recorded = 0;
        }
        if (from + operations > peers.length) {
          from = 0;
        }
        var stretch = new Stretch<>(peers, from, operations, nowNanos);
        from += operations;
        recorded += operations;
        nowNanos += operations * Contender.STEP_NANOS;
        return contender.fail(stretch);
      }
    };
  }
}
