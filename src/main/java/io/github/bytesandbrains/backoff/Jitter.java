package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How far apart delays are spread, so that what failed together does not return together.
 *
 * <p>Jitter is applied after the cap. Applied before it, jitter would vanish once the cap is
 * reached: after enough failures every delay would be the cap again. The two forms are those of
 * Marc Brooker, <a
 * href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 * Backoff And Jitter</a>, 2015.
 *
 * <p>Immutable. A random generator that is given is used by all threads of a table, so it must be
 * thread-safe; without one each thread uses its own.
 */
public final class Jitter {
  private static final Jitter NONE = new Jitter(Form.NONE, null);
  private static final Jitter FULL = new Jitter(Form.FULL, null);
  private static final Jitter EQUAL = new Jitter(Form.EQUAL, null);

  private enum Form {
    NONE,
    FULL,
    EQUAL
  }

  private final Form form;
  private final @Nullable RandomGenerator random;

  private Jitter(Form form, @Nullable RandomGenerator random) {
    this.form = form;
    this.random = random;
  }

  /** Returns no jitter: every delay is as the schedule says. */
  public static Jitter none() {
    return NONE;
  }

  /** Returns full jitter: evenly from 1 ns to the delay. Spreads most. */
  public static Jitter full() {
    return FULL;
  }

  /** {@link #full()} with a random generator. */
  public static Jitter full(RandomGenerator random) {
    return new Jitter(Form.FULL, requireNonNull(random, "random"));
  }

  /**
   * Returns equal jitter: evenly from half the delay to the delay, so never less than half of it.
   */
  public static Jitter equal() {
    return EQUAL;
  }

  /** {@link #equal()} with a random generator. */
  public static Jitter equal(RandomGenerator random) {
    return new Jitter(Form.EQUAL, requireNonNull(random, "random"));
  }

  /** A delay instead of {@code delayNanos}, and never longer. */
  long spread(long delayNanos) {
    return switch (form) {
      case NONE -> delayNanos;
      case FULL -> delayNanos - below(delayNanos);
      case EQUAL -> delayNanos - below(delayNanos / 2 + 1);
    };
  }

  private long below(long bound) {
    if (bound <= 0) {
      return 0;
    }
    return (random == null ? ThreadLocalRandom.current() : random).nextLong(bound);
  }

  @Override
  public String toString() {
    return switch (form) {
      case NONE -> "no jitter";
      case FULL -> "full jitter";
      case EQUAL -> "equal jitter";
    };
  }
}
