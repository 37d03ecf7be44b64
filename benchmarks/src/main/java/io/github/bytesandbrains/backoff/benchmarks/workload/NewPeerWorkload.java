package io.github.bytesandbrains.backoff.benchmarks.workload;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.BareMap;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.impl.ThisTable;
import java.util.function.Supplier;

/** Recording the first failure of a peer that has not been seen before. */
public enum NewPeerWorkload {
  /** Into a table that has room: an empty one takes over whenever it is filled. */
  TABLE(10_000) {
    @Override
    public Workload create() {
      return into(peers, ThisTable::new);
    }
  },
  /** What that is compared with. */
  BARE_MAP(10_000) {
    @Override
    public Workload create() {
      return into(peers, BareMap::new);
    }
  },
  /** Into a full table, so that for each peer that enters another one has to leave. */
  TABLE_IN_FLOOD(NewPeerWorkload.FLOOD) {
    @Override
    public Workload create() {
      BackoffImpl<String> full = new ThisTable<>(boundedTable());
      Workload workload = into(peers, () -> full);
      workload.run(BOUND);
      return workload;
    }
  },
  /** What that is compared with: as many different peers in a map that never exceeds the bound. */
  BARE_MAP_IN_FLOOD(NewPeerWorkload.FLOOD) {
    @Override
    public Workload create() {
      return into(BOUND, BareMap::new);
    }
  };

  /** The bound of a table in a flood, large enough for cohorts of full size. */
  public static final int BOUND = 100_000;

  /** The peers of a flood. When the first one returns, a full table has forgotten it. */
  public static final int FLOOD = 5 * BOUND;

  /** How many different peers there are. */
  public final int peers;

  NewPeerWorkload(int peers) {
    this.peers = peers;
  }

  /** The work, on a table or a map of its own. */
  public abstract Workload create();

  /** A table with the bound. */
  public static ConcurrentBackoffTable<String> boundedTable() {
    return ConcurrentBackoffTable.builder().maximumPeers(BOUND).build();
  }

  /** Goes through the peers again and again; an empty implementation takes over after each round. */
  final Workload into(int round, Supplier<BackoffImpl<String>> create) {
    return new Workload() {
      private final Workload records = Workload.over(
          Peers.tracked(peers), 0, PeerSlice.START, BackoffImpl.STEP_NANOS, this::record);
      private BackoffImpl<String> impl = create.get();
      private int recorded;

      @Override
      public long run(int operations) {
        return records.run(operations);
      }

      private long record(PeerSlice<String> slice) {
        if (recorded + slice.count() > round) {
          impl = create.get();
          recorded = 0;
        }
        recorded += slice.count();
        return impl.recordFailure(slice);
      }
    };
  }
}
