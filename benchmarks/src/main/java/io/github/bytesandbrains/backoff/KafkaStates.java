package io.github.bytesandbrains.backoff;

import java.util.Map;
import org.apache.kafka.clients.ConnectionStates;

/**
 * The {@code ClusterConnectionStates} of Kafka's clients: a mutable state per node in a {@code
 * HashMap}, with an exponential backoff whose jitter is always on. Does more: the whole life of a
 * connection, throttling, addresses. Does less: one thread only; milliseconds; nothing is evicted. A
 * failure is a connection begun and lost, a success one begun and made, as Kafka's client tells it;
 * after a success the node is still tracked.
 */
final class KafkaStates implements Contender<String> {
  private static final long NANOS_A_MS = 1_000_000;

  private final ConnectionStates states =
      new ConnectionStates(INITIAL_DELAY_NANOS / NANOS_A_MS, MAX_DELAY_NANOS / NANOS_A_MS);

  @Override
  public void know(String[] peers) {
    cool(peers);
  }

  @Override
  public void cool(String[] peers) {
    for (String peer : peers) {
      states.failed(peer, Stretch.START / NANOS_A_MS);
    }
  }

  @Override
  public long ask(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    long now = stretch.nowNanos() / NANOS_A_MS;
    int to = stretch.to();
    long may = 0;
    for (int i = stretch.from(); i < to; i++) {
      if (states.canConnect(peers[i], now)) {
        may++;
      }
    }
    return may;
  }

  @Override
  public long fail(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      states.failed(peers[i], now / NANOS_A_MS);
      sum += now;
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public long flap(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      String peer = peers[i];
      states.failed(peer, now / NANOS_A_MS);
      states.succeeded(peer, now / NANOS_A_MS);
      sum += now;
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public long storm(Stretch<String> stretch) {
    String[] peers = stretch.peers();
    long now = stretch.nowNanos();
    int to = stretch.to();
    long sum = 0;
    for (int i = stretch.from(); i < to; i++) {
      String peer = peers[i];
      switch (Storm.at(i)) {
        case ASK -> {
          sum += states.canConnect(peer, now / NANOS_A_MS) ? 1 : 2;
        }
        case FAIL -> states.failed(peer, now / NANOS_A_MS);
        case SUCCEED -> states.succeeded(peer, now / NANOS_A_MS);
      }
      now += STEP_NANOS;
    }
    return sum;
  }

  @Override
  public Map<String, Object> parts() {
    return Map.of("all", states);
  }
}
