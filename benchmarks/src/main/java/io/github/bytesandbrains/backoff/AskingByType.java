package io.github.bytesandbrains.backoff;

import java.net.InetSocketAddress;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long an ask takes, by what the peers are: the table and a bare map, peers that are cooling. */
public class AskingByType extends Timed {
  /** A peer as a user may write it. */
  record Node(String host, int port) {}

  /** What a peer is. */
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

  /** The contender. */
  @Param({"TABLE", "BARE_MAP"})
  public Candidate candidate;

  /** How many peers are cooling. */
  @Param({"1000", "1000000"})
  public int peers;

  /** What a peer is. */
  @Param
  public Type type;

  private Contender<Object> contender;
  private Object[] sequence;

  /** Makes the peers cooling; asks with equal peers that are not the same, as a caller does. */
  @Setup
  public void fill() {
    String[] addresses = Peers.of(peers).tracked();
    contender = candidate == Candidate.TABLE ? new Table<>() : BareMap.byDefault();
    contender.cool(Arrays.stream(addresses).map(type::of).toArray());
    sequence =
        Arrays.stream(Peers.zipf(addresses)).map(a -> type.of(new String(a))).toArray();
  }

  /** The peer is cooling. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long cooling() {
    return contender.ask(next(sequence, Stretch.SOON));
  }
}
