package io.github.bytesandbrains.backoff;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long one scrape of all meters takes, beside one bare traversal of the same table. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Scraping extends Timed {
  /** How many peers are tracked. */
  @Param({"1000", "1000000"})
  public int peers;

  private Work scrape;
  private Work traversal;

  /** Fills a table. */
  @Setup
  public void fill() {
    ConcurrentBackoffTable<String> table = Scrapes.filled(Peers.of(peers));
    scrape = Scrapes.scrape(table);
    traversal = Scrapes.traversal(table);
  }

  /** Reads each meter once. */
  @Benchmark
  public long allMeters() {
    return scrape.run(1);
  }

  /** Looks at each state once. */
  @Benchmark
  public long traversal() {
    return traversal.run(1);
  }
}
