package io.github.bytesandbrains.backoff.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Latency;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Size;
import io.github.bytesandbrains.backoff.benchmarks.report.SharingReport.Usage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SharingReportTest {
  private static final Usage NONE = new Usage(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private static Latency millis(long... millis) {
    return Latency.of(LongStream.of(millis).map(n -> n < 0 ? n : n * 1_000_000).toArray());
  }

  private static Size size(Latency learnsAll, Latency dies, Latency recovers) {
    return new Size(3, 1, false, learnsAll, NONE, dies, recovers, NONE, 1);
  }

  @Test
  void latency_oneToAHundred_hasTheirQuantiles() {
    Latency latency = millis(LongStream.rangeClosed(1, 100).map(n -> 101 - n).toArray());

    assertEquals(new Latency(100, 0, 50, 90, 99, 100), latency);
  }

  @Test
  void latency_ofNodesThatNeverKnow_saysHowMany() {
    Latency latency = millis(7, -1, 5, -1);

    assertEquals(new Latency(4, 2, 5, 7, 7, 7), latency);
    assertTrue(latency.toString().endsWith("of 4; NEVER: 2"), latency.toString());
    assertEquals(new Latency(1, 1, 0, 0, 0, 0), millis(-1));
  }

  @Test
  void isInTime_atTheLimits_isTrue() {
    assertTrue(size(millis(9_000), millis(1_000), millis(1_250)).isInTime());
    assertTrue(size(null, millis(1_000), millis(1_250)).isInTime());
  }

  @Test
  void isInTime_tooLateOrNotMeasured_isFalse() {
    assertFalse(size(null, millis(1_001), millis(1)).isInTime());
    assertFalse(size(null, millis(1), millis(1_251)).isInTime());
    assertFalse(size(null, millis(), millis(1)).isInTime());
  }

  @Test
  void isComplete_aNodeThatNeverKnows_isFalse() {
    assertTrue(size(millis(1), millis(1), millis(9_000)).isComplete());
    assertFalse(size(millis(1, -1), millis(1), millis(1)).isComplete());
    assertFalse(size(millis(1), millis(1, -1), millis(1)).isComplete());
    assertFalse(size(millis(1), millis(1), millis(1, -1)).isComplete());
    assertFalse(size(millis(1), millis(1, -1), millis(1)).isInTime());
  }
}
