package io.github.bytesandbrains.backoff;

import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** Asks a schedule, which may be any lambda, for its delays after many numbers of attempts. */
final class ScheduleSamples {
  private static final int CONSECUTIVE = 64;

  private ScheduleSamples() {}

  /**
   * Rejects a schedule that a table could not work with.
   *
   * @throws IllegalArgumentException if it throws, returns a negative delay, or if its longest
   *     delay is shorter than its first
   */
  static void check(BackoffSchedule schedule) {
    maxDelayNanos(unjittered(schedule)); // asks for each of the samples
    long firstNanos = firstDelayNanos(schedule);
    long maxDelayNanos = ask("schedule.maxDelayNanos()", schedule::maxDelayNanos);
    if (maxDelayNanos < firstNanos) {
      throw Nanos.unexpected(
          "schedule.maxDelayNanos()", maxDelayNanos, ">= delayNanos(1), which is " + firstNanos);
    }
  }

  static long maxDelayNanos(BackoffSchedule schedule) {
    IntStream powersOfTwo = IntStream.range(0, Integer.SIZE - 1).map(power -> 1 << power);
    IntStream consecutive = IntStream.rangeClosed(1, CONSECUTIVE);
    return IntStream.concat(
            IntStream.concat(consecutive, powersOfTwo), IntStream.of(Integer.MAX_VALUE))
        .mapToLong(attempts -> delayNanos(schedule, attempts))
        .max()
        .getAsLong();
  }

  /** The delay after one failure, without jitter. */
  static long firstDelayNanos(BackoffSchedule schedule) {
    return delayNanos(unjittered(schedule), 1);
  }

  /** Without jitter, so that a sample takes nothing from a caller's random generator. */
  private static BackoffSchedule unjittered(BackoffSchedule schedule) {
    return schedule instanceof JitteredSchedule jittered
        ? unjittered(jittered.schedule())
        : schedule;
  }

  /** @throws IllegalArgumentException if the schedule throws or returns a negative delay */
  private static long delayNanos(BackoffSchedule schedule, int attempts) {
    return ask("schedule.delayNanos(" + attempts + ")", () -> schedule.delayNanos(attempts));
  }

  private static long ask(String call, LongSupplier schedule) {
    long delayNanos;
    try {
      delayNanos = schedule.getAsLong();
    } catch (RuntimeException e) {
      IllegalArgumentException unexpected = Nanos.unexpected(call, e, ">= 0");
      unexpected.initCause(e);
      throw unexpected;
    }
    if (delayNanos < 0) {
      throw Nanos.unexpected(call, delayNanos, ">= 0");
    }
    return delayNanos;
  }
}
