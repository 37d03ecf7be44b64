package io.github.bytesandbrains.backoff.benchmarks.impl;

import static io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl.STEP_NANOS;

import java.util.Random;

/** One loop for each operation, in a copy for each implementation. */
abstract class PeerLoops {
  private static final ClassValue<PeerLoops> COPIES = new ClassValue<>() {
    @Override
    protected PeerLoops computeValue(Class<?> impl) {
      return LoopCopies.copy(PeerLoops.class, Template.class);
    }
  };

  /** A mix of 90 % queries, 8 % failures and 2 % successes, in an order that is always the same. */
  enum MixedLoad {
    ASK,
    FAIL,
    SUCCEED;

    private static final MixedLoad[] EVENTS = new MixedLoad[1 << 12];

    static {
      Random random = new Random(EVENTS.length);
      for (int i = 0; i < EVENTS.length; i++) {
        int percent = random.nextInt(100);
        EVENTS[i] = percent < 90 ? ASK : percent < 98 ? FAIL : SUCCEED;
      }
    }

    static MixedLoad at(int index) {
      return EVENTS[index & (EVENTS.length - 1)];
    }
  }

  static PeerLoops of(Class<?> impl) {
    return COPIES.get(impl);
  }

  abstract <P> long shouldRetry(BackoffImpl<P> impl, PeerSlice<P> slice);

  abstract <P> long recordFailure(BackoffImpl<P> impl, PeerSlice<P> slice);

  abstract <P> long flap(BackoffImpl<P> impl, PeerSlice<P> slice);

  abstract <P> long mixedLoad(BackoffImpl<P> impl, PeerSlice<P> slice);

  /** What is copied; never used itself. */
  static final class Template extends PeerLoops {
    @Override
    <P> long shouldRetry(BackoffImpl<P> impl, PeerSlice<P> slice) {
      P[] peers = slice.peers();
      int to = slice.from() + slice.count();
      long now = slice.nowNanos();
      long admitted = 0;
      for (int i = slice.from(); i < to; i++) {
        if (impl.shouldRetry(peers[i], now)) {
          admitted++;
        }
      }
      return admitted;
    }

    @Override
    <P> long recordFailure(BackoffImpl<P> impl, PeerSlice<P> slice) {
      P[] peers = slice.peers();
      int to = slice.from() + slice.count();
      long now = slice.nowNanos();
      long sum = 0;
      for (int i = slice.from(); i < to; i++) {
        sum += impl.recordFailure(peers[i], now);
        now += STEP_NANOS;
      }
      return sum;
    }

    @Override
    <P> long flap(BackoffImpl<P> impl, PeerSlice<P> slice) {
      P[] peers = slice.peers();
      int to = slice.from() + slice.count();
      long now = slice.nowNanos();
      long sum = 0;
      for (int i = slice.from(); i < to; i++) {
        sum += impl.flap(peers[i], now);
        now += STEP_NANOS;
      }
      return sum;
    }

    @Override
    <P> long mixedLoad(BackoffImpl<P> impl, PeerSlice<P> slice) {
      P[] peers = slice.peers();
      int to = slice.from() + slice.count();
      long now = slice.nowNanos();
      long sum = 0;
      for (int i = slice.from(); i < to; i++) {
        P peer = peers[i];
        sum += switch (MixedLoad.at(i)) {
          case ASK -> impl.shouldRetry(peer, now) ? 1 : 2;
          case FAIL -> impl.recordFailure(peer, now);
          case SUCCEED -> impl.recordSuccess(peer, now);
        };
        now += STEP_NANOS;
      }
      return sum;
    }
  }
}
