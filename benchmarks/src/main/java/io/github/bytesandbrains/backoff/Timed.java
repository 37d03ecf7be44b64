package io.github.bytesandbrains.backoff;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How JMH measures: nanoseconds of an operation, in a JVM of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgs = "-Xmx6g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class Timed {
  /** How many operations a call of a benchmark does. */
  static final int LOOP = 1_000;

  private int at;
  private long nowNanos = Stretch.SOON;

  /** The next stretch of a sequence of peers, at one time. */
  <P> Stretch<P> next(P[] sequence, long nowNanos) {
    at += LOOP;
    if (at + LOOP > sequence.length) {
      at = 0;
    }
    return new Stretch<>(sequence, at, LOOP, nowNanos);
  }

  /** The next stretch, at the time to which the one before has come. */
  <P> Stretch<P> next(P[] sequence) {
    nowNanos += LOOP * Contender.STEP_NANOS;
    return next(sequence, nowNanos);
  }
}
