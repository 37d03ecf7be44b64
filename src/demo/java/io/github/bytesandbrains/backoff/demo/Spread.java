package io.github.bytesandbrains.backoff.demo;

import io.github.bytesandbrains.backoff.BackoffSchedule;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * What a schedule answered, asked often for each number of failures from 1 on.
 *
 * @param low for each number of failures, the delay that 1 of 100 is below
 * @param high the delay that 1 of 100 is above
 * @param some a few delays as they came
 */
@SuppressWarnings("ArrayRecordComponent") // made here, and only read
record Spread(long[] low, long[] high, long[][] some) {
  /** So often that the edges of a band are even to the eye. */
  private static final int ASKED = 100_000;

  private static final int SOME = 6;

  static Spread of(BackoffSchedule schedule, int failures) {
    Spread spread = new Spread(new long[failures], new long[failures], new long[failures][]);
    for (int i = 0; i < failures; i++) {
      int attempts = i + 1;
      long[] delays =
          LongStream.generate(() -> schedule.delayNanos(attempts)).limit(ASKED).toArray();
      spread.some[i] = Arrays.copyOf(delays, SOME);
      Arrays.sort(delays);
      spread.low[i] = delays[ASKED / 100];
      spread.high[i] = delays[ASKED - 1 - ASKED / 100];
    }
    return spread;
  }
}
