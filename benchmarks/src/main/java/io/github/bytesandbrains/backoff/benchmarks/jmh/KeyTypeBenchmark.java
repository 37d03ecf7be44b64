package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.impl.BackoffImpl;
import io.github.bytesandbrains.backoff.benchmarks.impl.BareMap;
import io.github.bytesandbrains.backoff.benchmarks.impl.ImplType;
import io.github.bytesandbrains.backoff.benchmarks.impl.PeerSlice;
import io.github.bytesandbrains.backoff.benchmarks.impl.ThisTable;
import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long a query of a cooling peer takes, by the type of the key: the table and a bare map. */
public class KeyTypeBenchmark extends JmhBenchmark {
  /** A key as a user may write it. */
  record Node(String host, int port) {}

  public enum Type {
    STRING,
    RECORD,
    INET_SOCKET_ADDRESS;

    Object of(String address) {
      int colon = address.indexOf(':');
      String host = address.substring(0, colon);
      int port = Integer.parseInt(address.substring(colon + 1));
      return switch (this) {
        case STRING -> address;
        case RECORD -> new Node(host, port);
        case INET_SOCKET_ADDRESS -> new InetSocketAddress(host, port);
      };
    }
  }

  @Param({"TABLE", "BARE_MAP"})
  public ImplType impl;

  @Param({"1000", "1000000"})
  public int peers;

  @Param
  public Type type;

  private Workload workload;

  /** Fills the implementation; the queries use equal keys that are not the same, as callers do. */
  @Setup
  public void setUp() {
    String[] addresses = Peers.tracked(peers);
    BackoffImpl<Object> filled = impl == ImplType.TABLE ? new ThisTable<>() : new BareMap<>();
    Arrays.stream(addresses).map(type::of).forEach(filled::cool);
    Object[] sequence = Arrays.stream(Peers.Order.ZIPF.of(addresses))
        .map(address -> type.of(new String(address)))
        .toArray();
    workload = Workload.over(sequence, 0, PeerSlice.SOON, 0, filled::shouldRetry);
  }

  @Benchmark
  public long cooling() {
    return workload.run(OPERATIONS);
  }
}
