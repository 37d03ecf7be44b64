package io.github.bytesandbrains.backoff;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A contender that knows peers. */
@State(Scope.Benchmark)
public abstract class Filled {
  /** The contender. */
  @Param
  public Candidate candidate;

  /** How many peers it knows. */
  @Param({"1000", "1000000"})
  public int peers;

  Contender<String> contender;
  String[] sequence;
  String[] strangers;

  /** Makes the peers known. */
  @Setup
  public void setUp() {
    Peers made = Peers.of(peers);
    contender = candidate.create();
    fill(contender, made.tracked());
    sequence = Peers.zipf(made.tracked());
    strangers = Peers.zipf(made.strangers());
  }

  abstract void fill(Contender<String> contender, String[] peers);
}
