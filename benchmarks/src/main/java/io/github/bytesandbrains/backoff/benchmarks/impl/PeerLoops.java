package io.github.bytesandbrains.backoff.benchmarks.impl;

import static io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl.STEP_NANOS;

/** One loop for each operation, in a copy for each implementation. */
abstract class PeerLoops {
  private static final ClassValue<PeerLoops> COPIES = new ClassValue<>() {
    @Override
    protected PeerLoops computeValue(Class<?> impl) {
      return LoopCopies.copy(PeerLoops.class, Template.class);
    }
  };

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
