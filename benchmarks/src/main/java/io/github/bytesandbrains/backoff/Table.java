package io.github.bytesandbrains.backoff;

import java.util.LinkedHashMap;
import java.util.Map;

/** This library, as {@link ConcurrentBackoffTable#create()} makes it unless a table is given. */
final class Table<P> implements Contender<P> {
  final ConcurrentBackoffTable<P> table;

  Table() {
    this(ConcurrentBackoffTable.create());
  }

  Table(ConcurrentBackoffTable<P> table) {
    this.table = table;
  }

  @Override
  public void know(P[] peers) {
    cool(peers);
  }

  @Override
  public void cool(P[] peers) {
    for (P peer : peers) {
      table.recordRemoteAdvisory(peer, Stretch.START, MAX_DELAY_NANOS);
    }
  }

  @Override
  public long ask(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long may = 0;
    for (int i = stretch.from(); i < to; i++) {
      if (table.shouldRetry(peers[i], now)) {
        may++;
      }
    }
    return may;
  }

  @Override
  public long fail(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      sum += table.recordFailure(peers[i], now).nextRetryNanos();
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public long flap(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      P peer = peers[i];
      sum += table.recordFailure(peer, now).nextRetryNanos();
      if (table.recordSuccess(peer)) {
        sum++;
      }
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public long storm(Stretch<P> stretch) {
    P[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      P peer = peers[i];
      switch (Storm.at(i)) {
        case ASK -> {
          sum += table.shouldRetry(peer, now) ? 1 : 2;
        }
        case FAIL -> sum += table.recordFailure(peer, now).nextRetryNanos();
        case SUCCEED -> sum += table.recordSuccess(peer) ? 1 : 2;
      }
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public Map<String, Object> parts() {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("map", table.map);
    parts.put("index", table);
    return parts;
  }
}
