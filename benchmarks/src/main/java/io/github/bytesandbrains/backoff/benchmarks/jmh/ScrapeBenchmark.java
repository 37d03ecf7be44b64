package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.benchmarks.workload.Peers;
import io.github.bytesandbrains.backoff.benchmarks.workload.ScrapeWorkload;
import io.github.bytesandbrains.backoff.benchmarks.workload.Workload;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long one scrape of all meters takes, compared with one bare traversal of the table. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(1)
public class ScrapeBenchmark extends JmhBenchmark {
  @Param({"1000", "1000000"})
  public int peers;

  @Param
  public ScrapeWorkload workload;

  private Workload work;

  @Setup
  public void setUp() {
    work = workload.on(ScrapeWorkload.coolingTable(Peers.tracked(peers)));
  }

  @Benchmark
  public long scrape() {
    return work.run(1);
  }
}
